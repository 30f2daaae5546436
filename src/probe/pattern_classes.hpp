#pragma once
// The classes of bytes that a pattern can name, in the C locale.

#include "pattern.hpp"

#include <optional>
#include <string_view>

namespace toolkit::probe {

[[nodiscard]] bool is_digit(int byte);
[[nodiscard]] bool is_letter(int byte);
[[nodiscard]] bool is_hexadecimal(int byte);
/// Of `[:alpha:]` and its like, regex(7); nothing for a name that is none.
[[nodiscard]] std::optional<Pattern::Set> named_class(std::string_view name);
/// Of \d \w \s and their opposites; nothing for another letter.
[[nodiscard]] std::optional<Pattern::Set> escaped_class(char letter);

}  // namespace toolkit::probe
