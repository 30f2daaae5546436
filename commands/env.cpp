#include "env.hpp"

#include "become.hpp"
#include "env_checks.hpp"
#include "env_forms.hpp"
#include "env_json.hpp"
#include "env_situation.hpp"
#include "env_text.hpp"
#include "env_wishes.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/log.hpp>
#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/process/signals.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace toolkit::commands {
namespace {

using advice::Finding;
using cli::Example;
using cli::ExitCode;
using cluster::Field;
using environment::Form;

constexpr Example kExamples[] = {
    {"toolkit env", "Who am I in this job, what may I use, and how is that known"},
    {"toolkit env -- python train.py",
     "Give a rank what torch.distributed reads, whichever launcher started it"},
    {"toolkit env --format sh >env.sh", "The same for shells, to be read with `. ./env.sh`"},
    {"toolkit env --check --probe", "What would go wrong here, and what to do about it"},
    {"toolkit env --explain MASTER_PORT", "Where a value comes from"},
};

constexpr ExitCode kExitCodes[] = {
    {"0", "Answered; with --check nothing has failed"},
    {"1", "A check has failed; with --strict sources conflict or the rank cannot be told"},
    {"2", "Bad usage"},
    {"3", "With --check --strict: nothing has failed, but something could not be seen"},
    {"126", "The COMMAND was found but could not be executed"},
    {"127", "The COMMAND was not found"},
};

// --strict: nobody contradicts, unless the user has decided by --provider, and the rank is told.
Result<void> demand_certainty(const cluster::Identity& identity, bool decided) {
  if (!decided && !identity.conflicts.empty()) {
    std::vector<std::string> words;
    std::ranges::transform(identity.conflicts, std::back_inserter(words), describe);
    return fail(ErrorKind::failed, fmt::format("{}", fmt::join(words, "; ")),
                "--provider NAME believes one of them");
  }
  if (!at(identity.values, Field::rank)) {
    const auto& why = identity.missing[static_cast<std::size_t>(Field::rank)];
    return fail(ErrorKind::failed, "the rank cannot be told: " + mask_secrets(why),
                "let a launcher start this, or give --nproc where each node has several processes");
  }
  return {};
}

std::optional<Form> form_of(EnvFormat format) {
  switch (format) {
    case EnvFormat::sh:
      return Form::sh;
    case EnvFormat::fish:
      return Form::fish;
    case EnvFormat::dotenv:
      return Form::dotenv;
    case EnvFormat::docker:
      return Form::docker;
    case EnvFormat::k8s:
      return Form::k8s;
    case EnvFormat::text:
    case EnvFormat::json:
      break;
  }
  return std::nullopt;
}

// What programs read has no room for these words; they go to stderr.
std::string in_form(const Situation& situation, Form form, const EnvOptions& options) {
  Written written = assignments(situation, form, options.all, options.show_secrets);
  for (const std::string& line : written.left_out) {
    log_warn("left out {}", line);
  }
  for (const std::string& trouble : troubles_of(situation)) {
    log_warn("{}", mask_secrets(trouble));
  }
  return std::move(written.text);
}

std::string answer(const Situation& situation, const std::optional<std::vector<Finding>>& findings,
                   const EnvOptions& options) {
  if (options.json || options.format == EnvFormat::json) {
    return to_json(situation, findings);
  }
  if (!options.explain.empty()) {
    return explain(situation, options.explain, options.show_secrets);
  }
  if (const auto form = form_of(options.format)) {
    return in_form(situation, *form, options);
  }
  return findings ? to_text(*findings)
                  : to_text(situation, log::settings().colour && ::isatty(STDOUT_FILENO) == 1);
}

Result<int> start(const Situation& situation, std::span<const std::string> command) {
  environment::Snapshot variables(environ);
  apply(situation.exports, variables);
  return become(command, variables.as_envp());
}

Result<int> execute(void* options, std::span<const std::string> operands) {
  return execute_env(*static_cast<EnvOptions*>(options), operands);
}

}  // namespace

cli::Command env_command() {
  return {.name = "env",
          .group = "Commands",
          .summary = "Tell what this process is in its cluster, and what it may use",
          .usage = "[options] [-- COMMAND [ARGS…]]",
          .description =
              "Answers from variables, small files and control groups, each value with its source. "
              "With a COMMAND, becomes it with RANK, WORLD_SIZE, MASTER_ADDR and the like in its "
              "environment. Reads only; nobody is asked over the network without --probe.",
          .operands = cli::Operands::child_command,
          .options = env_options(),
          .examples = kExamples,
          .exit_codes = kExitCodes,
          .make_options = []() -> std::shared_ptr<void> { return std::make_shared<EnvOptions>(); },
          .execute = execute,
          .start_up = nullptr};
}

Result<int> execute_env(const EnvOptions& options, std::span<const std::string> command) {
  process::restore_inherited_mask();  // nothing is supervised here: Ctrl-C and a closed pipe end us
  TRY_ASSIGN(const cluster::Wishes wishes, wishes_of("--", options.provider, options.processes));
  const Situation situation = look_around(wishes);
  std::optional<std::vector<Finding>> findings;
  if (options.check) {
    findings = check_here(situation, options.probe);
  }
  const int code = findings ? exit_code_of(*findings, options.strict) : 0;
  if (command.empty()) {
    TRY(write_answer(answer(situation, findings, options)));
  } else if (findings && code != 0) {
    log::write_raw(to_text(*findings));
  }
  if (options.strict && code != 1) {
    TRY(demand_certainty(situation.identity, !options.provider.empty()));
  }
  return command.empty() || code != 0 ? Result<int>(code) : start(situation, command);
}

}  // namespace toolkit::commands
