#pragma once
// The phases of a composed line, as others see them: a log line and an event where each begins and
// ends, and its name in the job record while the child is not there yet.

#include "reporter.hpp"
#include "voice.hpp"

#include <toolkit/base/duration.hpp>

#include <string_view>

namespace toolkit::supervise {

struct Stage {
  std::string_view option;  // without its dashes: "check-gpu"
  SteadyTime begin;
};

/// Told where the phase begins. One that comes before the child is `phase` in its record, too.
[[nodiscard]] Stage begin_phase(Reporter& reporter, Voice& voice, std::string_view option,
                                bool before_child = true);
/// Told where it ends, and with which exit code: 0 when what follows may begin.
void end_phase(Reporter& reporter, Voice& voice, const Stage& phase, int exit_code);

/// The phase that `options` begin with; empty when the child comes first.
[[nodiscard]] std::string_view first_phase(const HookOptions& options);

}  // namespace toolkit::supervise
