#include "level_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace toolkit::output {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_word(char c) { return is_digit(c) || (c >= 'A' && c <= 'Z') || is_lower(c) || c == '_'; }

constexpr std::array<std::pair<std::string_view, Level>, 11> level_words{{
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

}  // namespace

Stated level_named(std::string_view word) {
  for (const auto& [name, level] : level_words) {
    if (word == name) {
      return level;
    }
  }
  return std::nullopt;
}

Stated level_named_freely(std::string_view word) {
  std::array<char, 8> upper{};
  if (word.size() > upper.size()) {
    return std::nullopt;
  }
  std::transform(word.begin(), word.end(), upper.begin(),
                 [](char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; });
  return level_named({upper.data(), word.size()});
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

std::string_view first_word(std::string_view text) {
  return text.substr(0, static_cast<std::size_t>(
                            std::find_if_not(text.begin(), text.end(), is_word) - text.begin()));
}

}  // namespace toolkit::output
