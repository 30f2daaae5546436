#pragma once
// The words and letters that name a level.

#include <toolkit/output/level.hpp>

#include <optional>
#include <string_view>

namespace toolkit::output {

using Stated = std::optional<Level>;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The level whose name `text` begins with, as in "WARNING:root:…"; not in "ERRORS" or "INFO.txt".
[[nodiscard]] Stated level_at(std::string_view text);
/// The same in any case, for places where nothing but a level can stand.
[[nodiscard]] Stated level_at_in_any_case(std::string_view text);
/// glog's I, W, E and F.
[[nodiscard]] Stated level_of_letter(char letter);

}  // namespace toolkit::output
