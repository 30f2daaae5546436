#pragma once
// Text made safe for roff, and the few man(7) shapes that the generated sections use.

#include <string>
#include <string_view>

namespace toolkit::cli::reference {

/// Text to be typed or pasted: hyphens stay hyphens, quotes stay quotes.
[[nodiscard]] std::string roff_literal(std::string_view text);
/// Words of a sentence; --options and `quoted` words become bold literals. Filled to short lines.
[[nodiscard]] std::string roff_prose(std::string_view text);
/// The same, ended by a full stop.
[[nodiscard]] std::string roff_sentence(std::string_view text);

[[nodiscard]] std::string roff_bold(std::string_view literal);
[[nodiscard]] std::string roff_italic(std::string_view literal);

}  // namespace toolkit::cli::reference
