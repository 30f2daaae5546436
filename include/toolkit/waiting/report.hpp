#pragma once
// A wait in words: for people, for a log line now and then, and as JSON. Pure. Credentials in
// conditions and in what servers said are masked (toolkit/base/secret.hpp), and control characters
// become blanks, so that every line is one line.

#include <toolkit/waiting/waiter.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::waiting {

inline constexpr std::string_view kSchema = "toolkit.wait/1";

/// "met", "over", "impossible", "lost", "unknown", "timed_out", "interrupted": as in the JSON.
[[nodiscard]] std::string_view ending_name(Ending ending);

/// How it ended in one line, "timed out after 30.00s: 1 of 2 ready", then a line for each leaf that
/// was missing, "tcp://db:5432: connection refused (12 tries, last 0.4s ago)", and for each that
/// is over, "job:train: exited 3". No line ends in a newline.
[[nodiscard]] std::vector<std::string> describe(const Report& report);

/// "waiting 12s: 2 of 5 ready; tcp://db:5432: connection refused". At most three leaves are named.
[[nodiscard]] std::string progress_line(const std::vector<LeafReport>& leaves, double seconds);

/// One object on one line, schema "toolkit.wait/1"; keys are added, never renamed:
/// - schema: "toolkit.wait/1"
/// - ending: ending_name()
/// - exit_code: 0 to 255, what the command ends with
/// - signal: the number of the signal that interrupted it, else null
/// - seconds: how long it took
/// - conditions: an array of objects, one a leaf, in the order in which they were typed:
///   - text: the leaf as typed
///   - met: whether it was, at the last attempt that ended
///   - final: whether that can never change
///   - missing: whether it kept the whole from being met
///   - reason: probe::reason_name() of why it is not met ("none" when it is); null before the first
///     answer
///   - words: the same for people; empty when there is nothing to say
///   - exit_code: of the job or process that has ended, else null
///   - attempts: how many have begun
///   - age_seconds: since the end of the last attempt; null before the first answer
[[nodiscard]] std::string to_json(const Report& report);

}  // namespace toolkit::waiting
