#include "summary.hpp"

#include <fmt/core.h>

namespace toolkit::supervise {
namespace {

std::string seconds_text(double seconds) {
  return describe_duration(Milliseconds(static_cast<long long>(seconds * 1000 + 0.5)));
}

}  // namespace

std::string summary(const Verdict& verdict, const job::Usage& usage,
                    const output::TeeStats* output) {
  const std::string own_words = fmt::format("exited with code {}", verdict.exit_code);
  std::string text = fmt::format(
      "{}{}; wall {}, user {}, sys {}, peak RSS {}", verdict.words,
      verdict.words == own_words ? "" : fmt::format("; exit code {}", verdict.exit_code),
      seconds_text(usage.wall_seconds), seconds_text(usage.user_seconds),
      seconds_text(usage.system_seconds), describe_bytes(usage.peak_rss_bytes));
  if (output == nullptr) {
    return text;
  }
  text += fmt::format("; {} lines, {} of output", output->out.lines + output->err.lines,
                      describe_bytes(output->out.bytes + output->err.bytes));
  if (const auto lost = output->log.bytes_dropped; lost > 0) {
    text += fmt::format("; {} not logged", describe_bytes(lost));
  }
  if (const auto lost = output->out.console_dropped + output->err.console_dropped; lost > 0) {
    text += fmt::format("; {} not shown on the console", describe_bytes(lost));
  }
  if (output->output_open) {
    text += "; the output was still held open";
  }
  return text;
}

}  // namespace toolkit::supervise
