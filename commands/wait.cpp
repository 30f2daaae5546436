#include "wait.hpp"

#include "become.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/log.hpp>
#include <toolkit/process/child.hpp>
#include <toolkit/process/signals.hpp>
#include <toolkit/waiting/report.hpp>
#include <toolkit/waiting/stop.hpp>
#include <toolkit/waiting/waiter.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace toolkit::commands {
namespace {

using cli::Example;
using cli::ExitCode;
using waiting::Ending;

constexpr Example kExamples[] = {
    {"toolkit wait --timeout 2m tcp://db:5432 http://api/health -- python train.py",
     "Start training when the services answer"},
    {"toolkit wait job:train", "End when the job does, with its exit code"},
    {"toolkit wait --any job:train 'file:/data/STOP'", "Until it is over, or somebody says stop"},
    {"toolkit wait 'file:/ckpt/last.pt stable=30s' not file:/ckpt/.lock",
     "Until a checkpoint is written and nobody holds it"},
};

constexpr ExitCode kExitCodes[] = {
    {"0", "The conditions are met, and every job or process among them has succeeded"},
    {"N", "The code of a job or process that is over, 128+N when a signal ended it"},
    {"2", "Bad usage"},
    {"3", "It is over, or may be so, but how cannot be known"},
    {"120", "A job is lost: its supervisor died without a word"},
    {"122", "The conditions can never be met"},
    {"124", "--timeout has passed"},
    {"126", "The COMMAND was found but could not be executed"},
    {"127", "The COMMAND was not found"},
    {"128+N", "Signal N ended the wait"},
};

// The operands before `--`, and the words behind it.
struct Operands {
  std::vector<std::string> conditions;
  std::vector<std::string> command;
};

Operands divide(std::span<const std::string> operands) {
  const auto mark = std::ranges::find(operands, "--");
  Operands parts;
  parts.conditions.assign(operands.begin(), mark);
  if (mark != operands.end()) {
    parts.command.assign(mark + 1, operands.end());
  }
  return parts;
}

// --barrier and --join are conditions that people find more easily as options.
Result<void> add_rendezvous(const WaitOptions& options, std::vector<std::string>& conditions) {
  if ((options.barrier > 0) != !options.listen.empty()) {
    return fail(ErrorKind::usage, "--barrier and --listen belong together",
                "--barrier 4 --listen :29500");
  }
  if (options.barrier > 0) {
    conditions.push_back(fmt::format("barrier://{}?workers={}", options.listen, options.barrier));
  }
  if (!options.join.empty()) {
    conditions.push_back("join://" + options.join);
  }
  return {};
}

Error explain(const condition::Mistake& mistake, std::span<const std::string> operands) {
  const std::string picture =
      condition::underline(operands[mistake.operand], mistake.offset, mistake.length);
  return {ErrorKind::usage, mistake.message + "\n" + picture, mistake.remedy, 0};
}

// On a terminal the line is rewritten in place; in a log it comes again every few seconds, and only
// when waiting is no matter of an instant.
class Teller {
 public:
  explicit Teller(bool on_terminal) : on_terminal_(on_terminal) {}

  void show(const std::vector<waiting::LeafReport>& leaves, double seconds) {
    const std::string line = waiting::progress_line(leaves, seconds);
    if (on_terminal_) {
      say(fmt::format("\r\033[K{}", line));
      drawn_ = true;
    } else if (seconds - told_ >= 5) {
      told_ = seconds;
      log_info("{}", line);
    }
  }
  void clear() {
    if (drawn_) {
      say("\r\033[K");
      drawn_ = false;
    }
  }

 private:
  static void say(const std::string& text) { log::write_raw(text); }
  bool on_terminal_;
  bool drawn_ = false;
  double told_ = 0;
};

Result<int> finish(const waiting::Report& report, const WaitOptions& options,
                   const std::vector<std::string>& command) {
  if (options.json) {
    TRY(write_answer(waiting::to_json(report) + '\n'));
  }
  if (report.signal != 0) {
    return waiting::end_by(report.signal);
  }
  const bool succeeded = report.exit_code == 0;
  if (succeeded && !command.empty()) {
    return become(command);
  }
  const std::string words = fmt::format("{}", fmt::join(waiting::describe(report), "\n  "));
  if (!succeeded && !options.json) {
    return Failure(Error{ErrorKind::failed, words, "", report.exit_code});
  }
  log_debug("{}", words);
  return report.exit_code;
}

Result<int> execute(void* options, std::span<const std::string> operands) {
  return execute_wait(*static_cast<WaitOptions*>(options), operands);
}

}  // namespace

cli::Command wait_command() {
  return {.name = "wait",
          .group = "Commands",
          .summary = "Wait until something is ready, or over",
          .usage = "[options] CONDITION… [-- COMMAND [ARGS…]]",
          .description =
              "Blocks until the conditions hold, and ends with the real exit code of a job or "
              "process that was waited for. With a COMMAND, becomes it after success.",
          .operands = cli::Operands::list_then_command,
          .options = wait_options(),
          .examples = kExamples,
          .exit_codes = kExitCodes,
          .make_options = []() -> std::shared_ptr<void> { return std::make_shared<WaitOptions>(); },
          .execute = execute};
}

Result<int> execute_wait(const WaitOptions& options, std::span<const std::string> operands) {
  Operands parts = divide(operands);
  TRY(add_rendezvous(options, parts.conditions));
  if (parts.conditions.empty()) {
    return fail(ErrorKind::usage, "nothing to wait for",
                "toolkit wait tcp://HOST:PORT, or job:NAME");
  }
  if (options.all && options.any) {
    return fail(ErrorKind::usage, "--all and --any exclude each other");
  }
  auto tree = condition::parse(parts.conditions, options.any, options.stable);
  if (!tree) {
    return Failure(explain(tree.error(), parts.conditions));
  }
  auto waiter = waiting::Waiter::make({.tree = std::move(*tree),
                                       .timeout = options.timeout,
                                       .interval = options.interval,
                                       .attempt_timeout = options.attempt_timeout,
                                       .settings = {.state_directory = options.state_directory,
                                                    .ca_file = options.ca_file,
                                                    .insecure = options.insecure}});
  if (!waiter) {
    return Failure(explain(waiter.error(), parts.conditions));
  }
  process::fill_standard_descriptors();  // or what we say would go to a socket that is number 2
  TRY_ASSIGN(auto signals, process::SignalQueue::open());
  Teller teller(::isatty(STDERR_FILENO) == 1 && log::enabled(log::Level::info));
  const waiting::Report report =
      (*waiter)->wait({[&](const auto& leaves, double seconds) { teller.show(leaves, seconds); },
                       Milliseconds(1'000)},
                      {signals.fd(), [&] { return waiting::stopping_signal(signals); }});
  teller.clear();
  return finish(report, options, parts.command);
}

}  // namespace toolkit::commands
