#pragma once
// A probe that looks at something of this machine by a function that may block: the function runs
// where it can be left behind, and events make the next look come early.

#include "events.hpp"

#include <toolkit/probe/probe.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace toolkit::probe {

struct Look {
  Finding finding;
  std::optional<Milliseconds> again = {};  // look again so soon; nothing: by the clock
};

/// `look` gets the end of its attempt, when it has to come to an end if it can. It is never called
/// twice at a time and must own what it uses, since it may outlive the probe. A look that is stuck
/// is given up in each attempt as Reason::timed_out, and not started a second time. `pace` as in
/// Probe.
[[nodiscard]] std::unique_ptr<Probe> make_looking_probe(std::function<Look(SteadyTime until)> look,
                                                        std::shared_ptr<Events> events = nullptr,
                                                        Milliseconds pace = kUsualPace);

/// Absent, or not to be known from here, in the words of errno.
[[nodiscard]] Finding errno_finding(int number);

/// For final words about a thing that is there and not as wanted.
[[nodiscard]] inline Finding not_yet(std::string words) {
  return {.met = false, .reason = Reason::not_yet, .words = std::move(words), .exit_code = {}};
}
[[nodiscard]] inline Finding is_met(std::string words) {
  return {.met = true, .words = std::move(words), .exit_code = {}};
}

}  // namespace toolkit::probe
