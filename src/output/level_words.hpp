#pragma once
// The forms in which loggers state a level at the head of a line.

#include <toolkit/output/level.hpp>

#include <optional>
#include <string_view>

namespace toolkit::output {

/// `WARNING:root:…`, `ERROR something`, and glog's and absl's `W0704 15:50:26.123456 …`.
[[nodiscard]] std::optional<Level> level_at_start(std::string_view line);
/// logrus and Go's slog: `time="…" level=warning msg=…`.
[[nodiscard]] std::optional<Level> level_of_logfmt(std::string_view line);
/// `2021-07-04 15:50:26,123 - name - WARNING - …` and its kin: a date, then at most three words.
[[nodiscard]] std::optional<Level> level_after_date(std::string_view line);
/// `[INFO] …`, `[2021-07-04 15:50:26,123][name][INFO] …`, PyTorch's `[W704 15:50:26.123 file:1] …`,
/// each also behind torchrun's `[rank0]:`.
[[nodiscard]] std::optional<Level> level_in_brackets(std::string_view line);
/// `{"time":…,"level":"error",…}`.
[[nodiscard]] std::optional<Level> level_of_object(std::string_view line);

}  // namespace toolkit::output
