// The options of `env`, each declared once.
#include "choose.hpp"
#include "env.hpp"

namespace toolkit::commands {
namespace {

using cli::into;
using cli::Option;
using cli::ValueKind;
using O = EnvOptions;

constexpr const char* kAnswer = "Answer";
constexpr const char* kIdentity = "Identity";
constexpr const char* kChecks = "Checks";

constexpr Option kOptions[] = {
    {"--format", ValueKind::choice, "FORMAT", kAnswer,
     "For people, programs, or to be read by a shell, docker or Kubernetes", "text",
     into<&O::format>, false, "text,json,sh,fish,dotenv,docker,k8s"},
    {"--json", ValueKind::flag, "", kAnswer, "The same as --format json", "", into<&O::json>},
    {"--explain", ValueKind::text, "VAR", kAnswer, "Say where this variable's value comes from", "",
     into<&O::explain>},
    {"--all", ValueKind::flag, "", kAnswer,
     "With sh, fish, dotenv, docker or k8s: the whole environment, not only what is made here", "",
     into<&O::all>},
    {"--show-secrets", ValueKind::flag, "", kAnswer,
     "Show what is masked otherwise: tokens, keys, passwords", "", into<&O::show_secrets>},

    {"--provider", ValueKind::text, "NAME", kIdentity,
     "Believe this launcher or platform only, one of those that the answer lists", "",
     into<&O::provider>},
    {"--nproc", ValueKind::count, "N", kIdentity,
     "Processes on each node, where nobody else says it", "", into<&O::processes>},
    {"--strict", ValueKind::flag, "", kIdentity,
     "Fail when sources contradict each other or the rank cannot be told", "", into<&O::strict>},

    {"--check", ValueKind::flag, "", kChecks, "Print what is wrong here, and fail if anything is",
     "", into<&O::check>},
    {"--probe", ValueKind::flag, "", kChecks, "Let checks ask name servers and the master", "",
     into<&O::probe>},
};

}  // namespace

std::span<const cli::Option> env_options() { return kOptions; }

Result<void> read_value(std::string_view text, EnvFormat& out) {
  return choose<EnvFormat>(text, out,
                           {{"text", EnvFormat::text},
                            {"json", EnvFormat::json},
                            {"sh", EnvFormat::sh},
                            {"fish", EnvFormat::fish},
                            {"dotenv", EnvFormat::dotenv},
                            {"docker", EnvFormat::docker},
                            {"k8s", EnvFormat::k8s}});
}

}  // namespace toolkit::commands
