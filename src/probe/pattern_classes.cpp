#include "pattern_classes.hpp"

#include <array>

namespace toolkit::probe {
namespace {

using Set = Pattern::Set;

template <typename Predicate>
Set set_of(Predicate predicate) {
  Set set;
  for (int byte = 0; byte < 256; ++byte) {
    set[static_cast<std::size_t>(byte)] = predicate(byte);
  }
  return set;
}

bool is_lower(int byte) { return byte >= 'a' && byte <= 'z'; }
bool is_upper(int byte) { return byte >= 'A' && byte <= 'Z'; }
bool is_word(int byte) { return is_letter(byte) || is_digit(byte) || byte == '_'; }
bool is_space(int byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }
bool is_graph(int byte) { return byte > ' ' && byte < 127; }

// POSIX bracket classes, regex(7), in the C locale.
struct Class {
  std::string_view name;
  bool (*has)(int);
};
constexpr std::array kClasses{
    Class{"alpha", is_letter},
    Class{"digit", is_digit},
    Class{"alnum", [](int byte) { return is_letter(byte) || is_digit(byte); }},
    Class{"upper", is_upper},
    Class{"lower", is_lower},
    Class{"space", is_space},
    Class{"blank", [](int byte) { return byte == ' ' || byte == '\t'; }},
    Class{"punct", [](int byte) { return is_graph(byte) && !is_letter(byte) && !is_digit(byte); }},
    Class{"print", [](int byte) { return is_graph(byte) || byte == ' '; }},
    Class{"graph", is_graph},
    Class{"cntrl", [](int byte) { return (byte >= 0 && byte < ' ') || byte == 127; }},
    Class{"xdigit", is_hexadecimal},
};

}  // namespace

bool is_digit(int byte) { return byte >= '0' && byte <= '9'; }
bool is_letter(int byte) { return is_lower(byte) || is_upper(byte); }
bool is_hexadecimal(int byte) {
  return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

std::optional<Pattern::Set> named_class(std::string_view name) {
  for (const Class& known : kClasses) {
    if (name == known.name) {
      return set_of(known.has);
    }
  }
  return std::nullopt;
}

std::optional<Pattern::Set> escaped_class(char letter) {
  switch (letter) {
    case 'd':
      return set_of(is_digit);
    case 'D':
      return ~set_of(is_digit);
    case 'w':
      return set_of(is_word);
    case 'W':
      return ~set_of(is_word);
    case 's':
      return set_of(is_space);
    case 'S':
      return ~set_of(is_space);
    default:
      return std::nullopt;
  }
}

}  // namespace toolkit::probe
