#include "level_words.hpp"

#include "level_names.hpp"

#include <cstring>

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

/// What follows `key` in `text`, or nothing. glibc's memmem is several times as fast as find().
std::string_view behind(std::string_view key, std::string_view text) {
  const void* found = ::memmem(text.data(), text.size(), key.data(), key.size());
  if (found == nullptr) {
    return {};
  }
  const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
  return text.substr(at + key.size());
}

/// `: "WARNING"` behind a key.
Stated level_of_value(std::string_view text) {
  const std::size_t value = text.find_first_not_of(": ");
  return value != std::string_view::npos && text[value] == '"'
             ? level_at_in_any_case(text.substr(value + 1))
             : std::nullopt;
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
  for (auto rest = behind("\"level", head); !rest.empty(); rest = behind("\"level", rest)) {
    for (const std::string_view end : {"\"", "name\""}) {
      if (rest.starts_with(end)) {
        return level_of_value(rest.substr(end.size()));
      }
    }
  }
  return level_of_value(behind("\"severity\"", head));
}

}  // namespace toolkit::output
