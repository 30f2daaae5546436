#pragma once
// The words and letters that name a level.

#include <toolkit/output/level.hpp>

#include <optional>
#include <string_view>

namespace toolkit::output {

using Stated = std::optional<Level>;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "WARNING", exactly so.
[[nodiscard]] Stated level_named(std::string_view word);
/// The same in any case, for places where nothing but a level can stand.
[[nodiscard]] Stated level_named_freely(std::string_view word);
/// glog's I, W, E and F.
[[nodiscard]] Stated level_of_letter(char letter);
/// The letters, digits and underscores that `text` begins with.
[[nodiscard]] std::string_view first_word(std::string_view text);

}  // namespace toolkit::output
