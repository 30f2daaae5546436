#pragma once
// Durations as people write them: 500ms 30s 5m 2h 1d, or a bare number of seconds.

#include <toolkit/base/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace toolkit {

using Milliseconds = std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// Digits with an optional fraction, then ms, s, m, h or d (none means s). At most ten years.
/// Errors: usage, naming the text and the accepted forms.
[[nodiscard]] Result<Milliseconds> parse_duration(std::string_view text);

/// Shortest exact text that parse_duration reads back: "500ms", "30s", "90s", "2h".
[[nodiscard]] std::string format_duration(Milliseconds duration);

/// For people: "42ms", "1.50s", "12m 03s", "2h 03m", "3d 04h".
[[nodiscard]] std::string describe_duration(Milliseconds duration);

}  // namespace toolkit
