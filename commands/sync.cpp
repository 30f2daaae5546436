#include "sync.hpp"

#include "sync_conductor.hpp"
#include "sync_engine.hpp"
#include "sync_report.hpp"

#include <toolkit/base/log.hpp>
#include <toolkit/process/child.hpp>
#include <toolkit/process/signals.hpp>
#include <toolkit/waiting/stop.hpp>

#include <fmt/format.h>

namespace toolkit::commands {
namespace {

using cli::Example;
using cli::ExitCode;

constexpr Example kExamples[] = {
    {"toolkit sync -m --include '*/' --include '*.log' --exclude '*' run/ /logs/",
     "Copy the logs of a run to a mount, as they are now"},
    {"toolkit sync --follow --until job:train run/ s3://bucket/run-42/",
     "Upload while the job goes on, and everything when it is over"},
    {"toolkit sync -P --identity key run/ user@host:/backup/run/",
     "To an SSH host, as rsync would be asked"},
    {"toolkit sync user@host:/data/ /data/", "Fetch data before training, going on where it ended"},
};

constexpr ExitCode kExitCodes[] = {
    {"0", "All of it is there, also when a signal ended --follow and the last flush was complete"},
    {"1", "Some files could not be sent, each is named; or the last flush was incomplete"},
    {"2", "Bad usage"},
    {"75", "The destination could not be reached after all tries"},
    {"124", "--timeout has passed"},
    {"128+N", "Signal N ended it; the next run goes on from there"},
};

Result<int> finish(const sync::Engine& engine, const SyncOptions& options,
                   const Result<void>& result) {
  const sync::Summary summary = engine.summary();
  const int code = !result ? exit_code_for(result.error()) : sync::exit_code_of(summary);
  if (options.json) {
    TRY(print(summary_json(summary, code)));
  } else if (options.stats) {
    TRY(print(stats_words(summary)));
  } else if (log::enabled(log::Level::info)) {
    TRY(print(brief_words(summary, options.dry_run)));
  }
  TRY(result);
  return code;
}

// Which rule or limit decides about a path below SRC, and about it or a directory above it.
Result<int> explain_selection(const SyncOptions& options, std::span<const std::string> operands) {
  if (operands.empty()) {
    return fail(ErrorKind::usage, "--explain needs SRC", "toolkit sync --explain a/b.log SRC");
  }
  sync::Options engine_part = engine_options(options);
  TRY_ASSIGN(auto source, store::parse_location(operands.front()));
  engine_part.sources.push_back(std::move(source));
  TRY_ASSIGN(const auto answer, sync::explain(engine_part, options.explain));
  const bool is_above = answer.key != options.explain;
  TRY(print(fmt::format("{} {}: {}{}", answer.included ? "sent" : "left out", options.explain,
                        is_above ? answer.key + ": " : "", answer.why)));
  return answer.included ? 0 : 1;
}

Result<int> execute(void* options, std::span<const std::string> operands) {
  return execute_sync(*static_cast<SyncOptions*>(options), operands);
}

}  // namespace

cli::Command sync_command() {
  return {.name = "sync",
          .group = "Commands",
          .summary = "Bring growing files to a safe place",
          .usage = "[options] SRC… DEST",
          .description =
              "Copies what a run writes to a directory, an SSH host or an S3 bucket. Of files that "
              "grow only the tail is sent, after a proof that what lies there is their beginning; "
              "after any interruption the next run goes on from there.",
          .operands = cli::Operands::list,
          .options = sync_options(),
          .examples = kExamples,
          .exit_codes = kExitCodes,
          .make_options = []() -> std::shared_ptr<void> { return std::make_shared<SyncOptions>(); },
          .execute = execute};
}

Result<int> execute_sync(const SyncOptions& given, std::span<const std::string> operands) {
  SyncOptions options = given;
  options.follow = options.follow && !options.dry_run;  // what would be done now
  if (!options.explain.empty()) {
    return explain_selection(options, operands);
  }
  sync::Options engine_part = engine_options(options);
  TRY(read_places(operands, engine_part));
  engine_part.journal_directory = journal_directory(options);
  process::fill_standard_descriptors();
  TRY_ASSIGN(auto signals, process::SignalQueue::open());
  SyncReporter reporter(
      {.json = options.json, .dry_run = options.dry_run, .following = options.follow});
  TRY_ASSIGN(const auto engine, sync::Engine::make(std::move(engine_part), reporter));
  int signal = 0;
  const Result<void> result = conduct(*engine, options, signals, signal);
  if (signal != 0 && !options.follow) {
    return waiting::end_by(signal);
  }
  return finish(*engine, options, result);
}

}  // namespace toolkit::commands
