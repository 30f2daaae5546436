#include "env_file_reader.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/environment/env_file.hpp>

#include <fmt/core.h>

namespace toolkit::environment {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool is_variable_name(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) {
    return false;
  }
  for (const char c : text) {
    if (!is_letter(c) && !is_digit(c)) {
      return false;
    }
  }
  return true;
}

Result<std::optional<Assignment>> parse_assignment(std::string_view text) {
  const auto equals = text.find('=');
  const std::string_view key = text.substr(0, equals);
  if (!is_variable_name(key)) {
    return fail(ErrorKind::usage,
                fmt::format("'{}' is not a variable name", printable(key.substr(0, 64))),
                "write KEY=value; KEY has letters, digits and _, and begins with no digit");
  }
  if (equals == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view value = text.substr(equals + 1);
  if (value.find('\0') != std::string_view::npos) {
    return fail(ErrorKind::usage, fmt::format("the value of {} has a NUL byte in it", key));
  }
  return Assignment(key, value);
}

Result<std::vector<Assignment>> parse_env_file(std::string_view text, std::string_view name) {
  EnvFileReader reader(text);
  std::vector<Assignment> assignments;
  std::vector<BrokenLine> broken;
  while (!reader.at_end()) {
    EnvFileItem item = reader.next();
    if (auto* assignment = std::get_if<Assignment>(&item)) {
      assignments.push_back(std::move(*assignment));
    } else if (auto* line = std::get_if<BrokenLine>(&item)) {
      broken.push_back(std::move(*line));
    }
  }
  if (broken.empty()) {
    return assignments;
  }
  constexpr std::size_t kNamed = 20;  // more would bury the first
  std::string message = fmt::format("{} has broken lines", name);
  for (std::size_t i = 0; i < broken.size() && i < kNamed; ++i) {
    message +=
        fmt::format("{} line {}: {}", i == 0 ? ":" : ";", broken[i].number, broken[i].reason);
  }
  if (broken.size() > kNamed) {
    message += fmt::format("; and {} more", broken.size() - kNamed);
  }
  return fail(ErrorKind::usage, std::move(message),
              "each line is KEY=value, KEY='value', KEY=\"value\" or a # comment");
}

}  // namespace toolkit::environment
