#pragma once
// How serious a line of the child's output says it is.

#include <cstdint>
#include <string_view>

namespace toolkit::output {

enum class Level : std::uint8_t { debug, info, warn, error, fatal };

/// The level a line states about itself, or `otherwise`. Looks only at the line's head, in the
/// forms of logrus (`time=… level=warning`), Python logging (`WARNING:root:`, `2021-07-04
/// 15:50:26,123 - x - WARNING -`, `[2021-07-04 15:50:26,123][x][INFO]`), glog and absl (`W0704
/// 15:50:26.123456 …`), and JSON lines (`"level":"error"`). Never reads past `line`; costs some
/// nanoseconds on an ordinary line.
[[nodiscard]] Level detect_level(std::string_view line, Level otherwise);

/// "DEBUG", " INFO", " WARN", "ERROR", "FATAL": five columns.
[[nodiscard]] std::string_view level_column(Level level);

}  // namespace toolkit::output
