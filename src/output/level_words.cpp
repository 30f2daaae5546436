#include "level_words.hpp"

#include "level_names.hpp"

namespace toolkit::output {
namespace {

// How far a head may reach: a date, a logger's name and the level.
constexpr std::size_t head_size = 160;
// JSON puts what it likes first; a message before the level is looked past this far.
constexpr std::size_t object_head_size = 512;

/// glog: a letter, month and day in four digits (PyTorch: month without a leading zero), a space,
/// the hour.
Stated level_of_glog(std::string_view line) {
  std::size_t digits = 1;
  while (digits < line.size() && is_digit(line[digits])) {
    ++digits;
  }
  const bool dated = (digits == 4 || digits == 5) && line.size() > digits + 3 &&
                     line[digits] == ' ' && is_digit(line[digits + 1]) &&
                     is_digit(line[digits + 2]) && line[digits + 3] == ':';
  return dated ? level_of_letter(line[0]) : std::nullopt;
}

}  // namespace

Stated level_at_start(std::string_view line) {
  if (line.size() > 1 && is_digit(line[1])) {
    return level_of_glog(line);
  }
  return level_at(line);
}

Stated level_of_logfmt(std::string_view line) {
  if (!line.starts_with("time=") && !line.starts_with("level=")) {
    return std::nullopt;
  }
  constexpr std::string_view key = "level=";
  const std::string_view head = line.substr(0, head_size);
  std::size_t at = head.find(key);
  while (at != std::string_view::npos && at > 0 && head[at - 1] != ' ') {
    at = head.find(key, at + 1);
  }
  return at == std::string_view::npos ? std::nullopt
                                      : level_at_in_any_case(head.substr(at + key.size()));
}

Stated level_of_object(std::string_view line) {
  const std::string_view head = line.substr(0, object_head_size);
  for (const std::string_view key : {"\"level\"", "\"levelname\"", "\"severity\""}) {
    const std::size_t at = head.find(key);
    if (at != std::string_view::npos) {
      const std::size_t value = head.find_first_not_of(": ", at + key.size());
      return value != std::string_view::npos && head[value] == '"'
                 ? level_at_in_any_case(head.substr(value + 1))
                 : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace toolkit::output
