#include "check_gpu.hpp"

#include "check_gpu_explain.hpp"
#include "check_gpu_json.hpp"
#include "check_gpu_text.hpp"
#include "env_situation.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/log.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/diagnosis/words.hpp>
#include <toolkit/gpu/collect.hpp>
#include <toolkit/gpu/facts_json.hpp>
#include <toolkit/gpu/redact.hpp>
#include <toolkit/process/signals.hpp>

#include <sys/utsname.h>
#include <unistd.h>

namespace toolkit::commands {
namespace {

using cli::Example;
using cli::ExitCode;

constexpr Example kExamples[] = {
    {"toolkit check-gpu", "Can this container train, and if not, why and whose job is it"},
    {"toolkit check-gpu --expect 8 && python train.py", "Start only where all eight GPUs are fit"},
    {"toolkit check-gpu --json | jq -r '.findings[] | select(.primary).remedy'",
     "What to do first, for a program"},
    {"toolkit check-gpu --redact --capture gpu.json",
     "Write what was seen, without names and serial numbers, for a colleague"},
    {"toolkit check-gpu --replay gpu.json", "Judge what a colleague has seen"},
};

constexpr ExitCode kExitCodes[] = {
    {"0", "Fit to train"},
    {"1", "Fit, with warnings, and --strict was given; or the answer could not be written"},
    {"2", "Bad usage"},
    {"3", "Cannot tell: nothing is wrong as far as can be seen, but no driver has answered"},
    {"10", "Not fit: flags or variables, a job for the user"},
    {"11", "Not fit: the image"},
    {"12", "Not fit: how the container was started, a job for its runtime or orchestrator"},
    {"13", "Not fit: the driver or the limits of the node"},
    {"14", "Not fit: the hardware; do not use this node again"},
    {"15", "Not fit: the driver does not answer"},
};

constexpr std::size_t kLargestCapture = 64 << 20;

Result<gpu::Facts> replayed(const std::string& path) {
  TRY_ASSIGN(const std::string text, read_file(path == "-" ? "/dev/stdin" : path, kLargestCapture));
  auto facts = gpu::facts_from_json(text);
  if (!facts) {
    return fail(ErrorKind::usage, path + ": " + facts.error().message,
                "toolkit check-gpu --capture FILE writes one");
  }
  return facts;
}

// Whole and up to the first dot. A bare word ("cuda", "localhost") tells nothing of whose it is,
// and would be found where it means something else.
std::vector<std::string> host_names() {
  utsname name{};
  ::uname(&name);
  const std::string whole(name.nodename);
  std::vector<std::string> names;
  for (const std::string& word : {whole, whole.substr(0, whole.find('.'))}) {
    if (word.find_first_of("0123456789-.") != std::string::npos) {
      names.push_back(word);
    }
  }
  return names;
}

Result<gpu::Facts> facts_of(const CheckGpuOptions& options, const gpu::Tables* tables) {
  gpu::Facts facts;
  if (!options.replay.empty()) {
    TRY_ASSIGN(facts, replayed(options.replay));
  } else {
    facts = gpu::collect({.root = options.root,
                          .timeout = options.timeout,
                          .deep = options.deep,
                          .scan = options.scan,
                          .variables = variable,
                          .tables = tables,
                          .environment = environ});
  }
  if (options.redact) {
    gpu::redact(facts, host_names());
  }
  return facts;
}

Result<std::optional<gpu::Tables>> tables_of(const std::string& path) {
  if (path.empty()) {
    return std::optional<gpu::Tables>();
  }
  TRY_ASSIGN(const std::string text, read_file(path));
  auto tables = gpu::parse_tables(text, gpu::built_in_tables());
  if (!tables) {
    return fail(ErrorKind::usage, path + ": " + tables.error().message, tables.error().remedy);
  }
  return std::optional(std::move(*tables));
}

std::string answer(const Judged& judged, const CheckGpuOptions& options) {
  if (options.json) {
    return to_json(judged);
  }
  const log::Settings& settings = log::settings();
  if (settings.level >= log::Level::error) {
    return diagnosis::one_line(judged.verdict) + '\n';
  }
  return to_text(judged, {.colour = settings.colour && ::isatty(STDOUT_FILENO) == 1,
                          .all = settings.level == log::Level::debug});
}

Result<int> execute(void* options, std::span<const std::string>) {
  return execute_check_gpu(*static_cast<CheckGpuOptions*>(options));
}

}  // namespace

cli::Command check_gpu_command() {
  return {
      .name = "check-gpu",
      .group = "Commands",
      .summary = "Tell whether this container can train, and if not, why",
      .usage = "[options]",
      .description =
          "Looks at devices, driver, libraries, image, limits and adapters, asks the driver in "
          "a process of its own, and judges along the chain of causes: one finding is primary, "
          "with what to do and who must act. Needs no root and never hangs; what could not be "
          "seen is told, never passed.",
      .operands = cli::Operands::none,
      .options = check_gpu_options(),
      .examples = kExamples,
      .exit_codes = kExitCodes,
      .make_options = []() -> std::shared_ptr<void> { return std::make_shared<CheckGpuOptions>(); },
      .execute = execute,
      .start_up = nullptr};
}

Result<int> execute_check_gpu(const CheckGpuOptions& options) {
  process::restore_inherited_mask();  // nothing is supervised here: Ctrl-C and a closed pipe end us
  if (!options.explain.empty()) {
    TRY_ASSIGN(const std::string text, explain_rule(options.explain));
    TRY(write_answer(text));
    return 0;
  }
  TRY_ASSIGN(const auto given, tables_of(options.table));
  const gpu::Tables* tables = given ? &*given : nullptr;
  TRY_ASSIGN(const gpu::Facts facts, facts_of(options, tables));
  const diagnosis::Expectations expect{.gpus = options.expect,
                                       .gdr = options.gdr == GdrNeed::required ? "required" : "",
                                       .rate = options.expect_rate,
                                       .tables = tables};
  const Judged judged{facts, diagnosis::diagnose(diagnosis::all_rules(), {facts, expect}),
                      options.strict};
  if (options.capture == "-") {
    TRY(write_answer(gpu::to_json(facts)));
  } else {
    if (!options.capture.empty()) {
      TRY(replace_file(options.capture, gpu::to_json(facts)));
    }
    TRY(write_answer(answer(judged, options)));
  }
  return judged.exit_code();
}

}  // namespace toolkit::commands
