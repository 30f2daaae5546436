// The options of `check-gpu`, each declared once.
#include "check_gpu.hpp"
#include "choose.hpp"

namespace toolkit::commands {
namespace {

using cli::into;
using cli::Option;
using cli::ValueKind;
using O = CheckGpuOptions;

constexpr const char* kAnswer = "Answer";
constexpr const char* kWanted = "What is wanted";
constexpr const char* kLook = "How it looks";
constexpr const char* kCapture = "Captures";

constexpr Option kOptions[] = {
    {"--json", ValueKind::flag, "", kAnswer, "One JSON object for programs", "", into<&O::json>},
    {"--explain", ValueKind::text, "ID", kAnswer,
     "Say what this check asks, how it judges and where that is from; `all` lists them", "",
     into<&O::explain>},
    {"--strict", ValueKind::flag, "", kAnswer, "Fail with 1 when there are warnings", "",
     into<&O::strict>},

    {"--expect", ValueKind::count, "N", kWanted, "GPUs that the job needs, 0 for none", "",
     into<&O::expect>},
    {"--gdr", ValueKind::choice, "NEED", kWanted,
     "Whether adapters must reach GPU memory by themselves", "optional", into<&O::gdr>, false,
     "optional,required"},
    {"--expect-rate", ValueKind::text, "GBIT", kWanted,
     "Gbit/s that each active RDMA port must have, such as 400", "", into<&O::expect_rate>},

    {"--timeout", ValueKind::duration, "DURATION", kLook,
     "Time for the driver to answer, then it counts as hung", "5s", into<&O::timeout>},
    {"--deep", ValueKind::flag, "", kLook,
     "Also load the GPUs for some seconds: bandwidths, memory, arithmetic, links", "",
     into<&O::deep>},
    {"--scan", ValueKind::duration, "DURATION", kLook,
     "Time to look for GPU code in libraries, else until 100 ms after the start, 1s with --deep",
     "", into<&O::scan>},
    {"--root", ValueKind::directory, "DIR", kLook,
     "Look at /proc, /sys, /dev and the image below DIR", "", into<&O::root>},
    {"--table", ValueKind::file, "FILE", kLook,
     "Rows of CUDA, drivers and architectures that add to the built-in ones or correct them", "",
     into<&O::table>},

    {"--capture", ValueKind::file, "FILE", kCapture,
     "Write what was seen to FILE, `-` for stdout in place of the answer", "", into<&O::capture>},
    {"--replay", ValueKind::file, "FILE", kCapture, "Judge a capture instead of this place", "",
     into<&O::replay>},
    {"--redact", ValueKind::flag, "", kCapture,
     "Serials, UUIDs, addresses and names of hosts become placeholders", "", into<&O::redact>},
};

}  // namespace

std::span<const cli::Option> check_gpu_options() { return kOptions; }

Result<void> read_value(std::string_view text, GdrNeed& out) {
  return choose<GdrNeed>(text, out,
                         {{"optional", GdrNeed::optional}, {"required", GdrNeed::required}});
}

}  // namespace toolkit::commands
