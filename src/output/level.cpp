#include "level_words.hpp"

#include <toolkit/output/level.hpp>

#include <array>

namespace toolkit::output {
namespace {

/// Which form a line may have, by its first byte: nearly every ordinary line is dismissed by this
/// table.
enum class Form : unsigned char { none, word, key, date, bracket, object, colour };

constexpr std::array<Form, 256> forms_by_first_byte = [] {
  std::array<Form, 256> forms{};
  for (const char c : {'D', 'I', 'W', 'E', 'F', 'C', 'T'}) {
    forms[static_cast<unsigned char>(c)] = Form::word;
  }
  for (char c = '0'; c <= '9'; ++c) {
    forms[static_cast<unsigned char>(c)] = Form::date;
  }
  forms['l'] = forms['t'] = Form::key;
  forms['['] = Form::bracket;
  forms['{'] = Form::object;
  forms[0x1b] = Form::colour;
  return forms;
}();

Form form_of(std::string_view line) {
  return line.empty() ? Form::none : forms_by_first_byte[static_cast<unsigned char>(line[0])];
}

std::optional<Level> stated_level(std::string_view line) {
  switch (form_of(line)) {
    case Form::none:
    case Form::colour:
      return std::nullopt;
    case Form::word:
      return level_at_start(line);
    case Form::key:
      return level_of_logfmt(line);
    case Form::date:
      return level_after_date(line);
    case Form::bracket:
      return level_in_brackets(line);
    case Form::object:
      return level_of_object(line);
  }
  return std::nullopt;
}

/// Without the select-graphic-rendition sequences (ECMA-48 SGR, ESC [ … m) that colour a line's
/// head.
std::string_view without_colour(std::string_view line) {
  while (line.starts_with("\x1b[")) {
    const std::size_t end = line.substr(0, 16).find('m');
    if (end == std::string_view::npos) {
      break;
    }
    line.remove_prefix(end + 1);
  }
  return line;
}

}  // namespace

Level detect_level(std::string_view line, Level otherwise) {
  const Form form = form_of(line);
  if (form == Form::none) {
    return otherwise;
  }
  return stated_level(form == Form::colour ? without_colour(line) : line).value_or(otherwise);
}

std::string_view level_column(Level level) {
  constexpr std::array<std::string_view, 5> columns{"DEBUG", " INFO", " WARN", "ERROR", "FATAL"};
  return columns[static_cast<std::size_t>(level)];
}

}  // namespace toolkit::output
