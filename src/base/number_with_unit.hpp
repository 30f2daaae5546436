#pragma once
// "1.5G" as 1.5 and "G": the shape that durations and sizes share.

#include <optional>
#include <string_view>

namespace toolkit {

struct NumberWithUnit {
  double number = 0;
  std::string_view unit;
};

/// Digits, an optional fraction, then letters only; nothing else is accepted (no sign, no space).
[[nodiscard]] std::optional<NumberWithUnit> parse_number_with_unit(std::string_view text);

}  // namespace toolkit
