#include "number_with_unit.hpp"

#include <charconv>
#include <cmath>

namespace toolkit {

std::optional<NumberWithUnit> parse_number_with_unit(std::string_view text) {
  if (text.empty() || text[0] < '0' || text[0] > '9') {
    return std::nullopt;
  }
  NumberWithUnit result;
  const char* end = text.data() + text.size();
  const auto [stop, error] =
      std::from_chars(text.data(), end, result.number, std::chars_format::fixed);
  if (error != std::errc{}) {
    // What begins with a digit can only be too large, or a fraction too small to matter.
    const auto first = text.find_first_of("123456789.");
    result.number = first != std::string_view::npos && text[first] == '.' ? 0 : HUGE_VAL;
  }
  if (stop[-1] == '.') {
    return std::nullopt;
  }
  result.unit = std::string_view(stop, static_cast<std::size_t>(end - stop));
  for (const char letter : result.unit) {
    if ((letter < 'a' || letter > 'z') && (letter < 'A' || letter > 'Z')) {
      return std::nullopt;
    }
  }
  return result;
}

}  // namespace toolkit
