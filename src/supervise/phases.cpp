#include "phases.hpp"

#include <toolkit/base/json_writer.hpp>

#include <fmt/core.h>

namespace toolkit::supervise {

Stage begin_phase(Reporter& reporter, Voice& voice, std::string_view option, bool before_child) {
  if (before_child && reporter.record().phase != option) {
    reporter.record().phase = option;
    reporter.save();
  }
  reporter.event("phase_started", [&](JsonWriter& json) { json.field("phase", option); });
  voice.account(fmt::format("{}: begins", option));
  return {option, std::chrono::steady_clock::now()};
}

void end_phase(Reporter& reporter, Voice& voice, const Stage& phase, int exit_code) {
  const auto took = std::chrono::steady_clock::now() - phase.begin;
  reporter.event("phase_ended", [&](JsonWriter& json) {
    json.field("phase", phase.option).field("exit_code", exit_code);
    json.key("seconds").value(std::chrono::duration<double>(took).count(), 6);
  });
  const std::string words = describe_duration(std::chrono::ceil<Milliseconds>(took));
  voice.account(exit_code == 0
                    ? fmt::format("{}: done after {}", phase.option, words)
                    : fmt::format("{}: ended with {} after {}", phase.option, exit_code, words));
}

std::string_view first_phase(const HookOptions& options) {
  if (options.check_gpu) {
    return "check-gpu";
  }
  if (!options.conditions.empty()) {
    return "wait";
  }
  return options.before.empty() ? "" : "before";
}

}  // namespace toolkit::supervise
