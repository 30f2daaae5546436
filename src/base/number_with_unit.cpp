#include "number_with_unit.hpp"

#include <charconv>

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
