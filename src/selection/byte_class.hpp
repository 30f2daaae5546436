#pragma once
// A bracket expression of a pattern: `[a-z]`, `[!a]`, `[^[:digit:]_]`, bytes of ASCII's classes.

#include <bitset>
#include <optional>
#include <string_view>

namespace toolkit::selection {

/// Takes a class off the front of `rest`, which begins behind the `[`. Nothing for one that does
/// not end, or names a POSIX class that does not exist. Never has the slash in it.
[[nodiscard]] std::optional<std::bitset<256>> take_byte_class(std::string_view& rest);

}  // namespace toolkit::selection
