#include "run.hpp"

#include "env_situation.hpp"
#include "env_wishes.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/log.hpp>
#include <toolkit/base/secret.hpp>
#include <toolkit/output/stamper.hpp>
#include <toolkit/supervise/supervisor.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <chrono>

namespace toolkit::commands {
namespace {

using cli::Example;
using cli::ExitCode;

constexpr Example kExamples[] = {
    {"toolkit run -- python train.py", "Supervise a program: real exit code, real PID, no zombies"},
    {"toolkit run --log /logs/{name}{-rank}.log --name train -- torchrun train.py",
     "Log every line with a time, and keep a job record that `toolkit wait` reads"},
    {"toolkit run --grace 2m --notify USR1@5m --timeout 24h -- python train.py",
     "Warn the program before its time is up, and give its checkpoint two minutes"},
    {"toolkit run --restart on-failure:3 --idle-timeout 30m -- python train.py",
     "Start again after a failure, and stop a job that hangs"},
};

constexpr ExitCode kExitCodes[] = {
    {"0-255", "The child's own code"},
    {"128+N", "The child was killed by signal N"},
    {"10-15", "--check-gpu: who must act, see toolkit-check-gpu(1)"},
    {"124", "--timeout or --idle-timeout stopped the child"},
    {"125", "run itself failed before the child started, bad usage included"},
    {"126", "The program was found but could not be executed"},
    {"127", "The program was not found"},
};

Result<int> restore(const RunOptions& options, std::span<const std::string> operands) {
  if (operands.size() != 1) {
    return fail(ErrorKind::usage, "--restore takes one log file",
                "toolkit run --restore stdout train.log");
  }
  TRY_ASSIGN(const UniqueFd fd, open_file(operands[0], O_RDONLY));
  output::Restorer restorer(options.restore == "stderr" ? output::Stream::err
                                                        : output::Stream::out);
  std::string buffer(1 << 16, '\0');
  std::string bytes;
  while (true) {
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0) {
      return fail_errno("cannot read " + operands[0], errno);
    }
    bytes.clear();
    const bool right = restorer.feed({buffer.data(), static_cast<std::size_t>(count)}, bytes);
    TRY(write_answer(bytes));
    if (!right) {
      return fail(ErrorKind::failed,
                  fmt::format("{}:{}: not in cri format", operands[0], restorer.line_number()),
                  "only logs written with --log-format cri can be turned back");
    }
    if (count == 0) {
      return 0;
    }
  }
}

// What contradicts or cannot be read is told, and stops nothing.
Result<void> add_derived(RunOptions& options) {
  if (!options.with_environment) {
    return options.provider.empty() && !options.processes
               ? Result<void>()
               : fail(ErrorKind::usage,
                      "--with-env-provider and --with-env-nproc go with --with-env",
                      "toolkit run --with-env --with-env-nproc 8 -- COMMAND");
  }
  options.process.derived_since = std::chrono::steady_clock::now();
  TRY_ASSIGN(const cluster::Wishes wishes,
             wishes_of("--with-env-", options.provider, options.processes));
  const Situation situation = look_around(wishes);
  for (const cluster::Export& made : situation.exports.all) {
    if (!made.kept) {
      options.process.derived.emplace_back(made.name, made.value);
    }
  }
  for (const std::string& trouble : troubles_of(situation)) {
    log_warn("{}", mask_secrets(trouble));
  }
  for (const cluster::Conflict& conflict : situation.identity.conflicts) {
    log_warn("{}", describe(conflict));
  }
  return {};
}

Result<int> execute(void* options, std::span<const std::string> operands) {
  return execute_run(*static_cast<RunOptions*>(options), operands);
}

int exit_code_of(const Error& error) { return error.exit_code != 0 ? error.exit_code : 125; }

}  // namespace

cli::Command run_command() {
  return {.name = "run",
          .group = "Commands",
          .summary = "Supervise the training process",
          .usage = "[options] -- COMMAND [ARGS…]",
          .description =
              "Starts COMMAND, forwards signals to it, reaps every process it leaves, passes its "
              "output on "
              "and logs it, and ends with its exit code. Made for the ENTRYPOINT of a container, "
              "as PID 1 or not.",
          .operands = cli::Operands::child_command,
          .options = run_options(),
          .examples = kExamples,
          .exit_codes = kExitCodes,
          .usage_exit_code = 125,
          .make_options = []() -> std::shared_ptr<void> { return std::make_shared<RunOptions>(); },
          .execute = execute,
          .exit_code_of = exit_code_of,
          .start_up = nullptr};
}

Result<int> execute_run(RunOptions& options, std::span<const std::string> operands) {
  if (!options.restore.empty()) {
    return restore(options, operands);
  }
  if (operands.empty()) {
    return fail(ErrorKind::usage, "no command to run", "toolkit run -- COMMAND [ARGS…]");
  }
  const supervise::HookOptions& hooks = options.hooks;
  if (!hooks.check_gpu && (hooks.expected_gpus || hooks.check_gpu_timeout)) {
    return fail(ErrorKind::usage, "--check-gpu-expect and --check-gpu-timeout go with --check-gpu",
                "toolkit run --check-gpu --check-gpu-expect 8 -- COMMAND");
  }
  options.process.argv.assign(operands.begin(), operands.end());
  TRY(add_derived(options));
  return supervise::run_job(options, environ);
}

}  // namespace toolkit::commands
