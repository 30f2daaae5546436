#pragma once
// Whether bytes are UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).

#include <cstddef>
#include <string_view>

namespace toolkit {

/// Bytes of the character at the start of `text`; 0 where there is none, or the text is empty.
[[nodiscard]] std::size_t utf8_length(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace toolkit
