#include "level_names.hpp"

#include <algorithm>
#include <array>

namespace toolkit::output {
namespace {

constexpr std::size_t longest_name = 8;  // CRITICAL

struct Name {
  std::string_view word;
  Level level;
};

constexpr std::array<Name, 11> names{{
    {"DEBUG", Level::debug},
    {"TRACE", Level::debug},
    {"INFO", Level::info},
    {"NOTICE", Level::info},
    {"WARN", Level::warn},
    {"WARNING", Level::warn},
    {"ERROR", Level::error},
    {"FATAL", Level::fatal},
    {"CRITICAL", Level::fatal},
    {"PANIC", Level::fatal},
    {"DPANIC", Level::fatal},
}};

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// The first letters of the names as a set: prose is known by its first two letters.
constexpr std::array<bool, 256> may_begin = [] {
  std::array<bool, 256> set{};
  for (const Name& name : names) {
    set[static_cast<unsigned char>(name.word[0])] = true;
  }
  return set;
}();

bool goes_on(char c) {
  return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '.' || c == '/' ||
         c == '=';
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

Stated level_at(std::string_view text) {
  if (text.size() < 4 || !may_begin[static_cast<unsigned char>(text[0])] || !is_upper(text[1])) {
    return std::nullopt;
  }
  for (const Name& name : names) {
    const std::size_t size = name.word.size();
    if (text[0] == name.word[0] && text[1] == name.word[1] && text.starts_with(name.word) &&
        (text.size() == size || !goes_on(text[size]))) {
      return name.level;
    }
  }
  return std::nullopt;
}

Stated level_at_in_any_case(std::string_view text) {
  std::array<char, longest_name + 1> raised{};  // with the byte behind the name
  const std::size_t size = std::min(text.size(), raised.size());
  std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size), raised.begin(),
                 upper);
  return level_at({raised.data(), size});
}

Stated level_of_letter(char letter) {
  switch (letter) {
    case 'I':
      return Level::info;
    case 'W':
      return Level::warn;
    case 'E':
      return Level::error;
    case 'F':
      return Level::fatal;
    default:
      return std::nullopt;
  }
}

}  // namespace toolkit::output
