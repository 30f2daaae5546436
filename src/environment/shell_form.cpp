#include <toolkit/base/json_writer.hpp>
#include <toolkit/base/utf8.hpp>
#include <toolkit/environment/shell_form.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace toolkit::environment {
namespace {

bool is_ordinary(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_./:@%+,-").find(c) != std::string_view::npos;
}

bool needs_no_quotes(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, is_ordinary);
}

std::string sh_value(std::string_view value) {
  if (needs_no_quotes(value)) {
    return std::string(value);
  }
  std::string quoted = "'";
  for (const char c : value) {
    quoted += c == '\'' ? std::string(R"('\'')") : std::string(1, c);
  }
  return quoted + '\'';
}

// In fish's quotes only \' and \\ are special. Bytes outside ASCII are written as \XHH outside of
// them, because fish keeps what is no UTF-8 in a private range of characters, which text can have
// too.
std::string fish_value(std::string_view value) {
  if (needs_no_quotes(value)) {
    return std::string(value);
  }
  std::string quoted = "'";
  for (const char c : value) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      fmt::format_to(std::back_inserter(quoted), "'\\X{:02x}'", static_cast<unsigned char>(c));
    } else {
      quoted += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    }
  }
  return quoted + '\'';
}

// Single quotes where everybody takes what is in them as it is: python-dotenv unescapes \\ and \'
// in them, docker compose and we do not. In double quotes a $ stays bare, since python-dotenv knows
// no \$ (docker compose would replace a name behind it).
std::string dotenv_value(std::string_view value) {
  if (needs_no_quotes(value)) {
    return std::string(value);
  }
  if (value.find_first_of("'\\\n\r") == std::string_view::npos) {
    return fmt::format("'{}'", value);
  }
  std::string quoted = "\"";
  for (const char c : value) {
    if (std::string_view("\\\"").find(c) != std::string_view::npos) {
      quoted += std::string{'\\', c};
    } else {
      quoted += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
  }
  return quoted + '"';
}

bool docker_can_carry(std::string_view value) {
  return value.find('\n') == std::string_view::npos && !value.ends_with('\r') && is_utf8(value);
}

// Kubernetes replaces $(NAME) in a value and writes $$ for $ (k8s.io/kubernetes/third_party/
// forked/golang/expansion): where a value has either, each $ is doubled.
std::string k8s_value(std::string_view value) {
  const bool expands =
      value.find("$(") != std::string_view::npos || value.find("$$") != std::string_view::npos;
  std::string raw;
  for (const char c : value) {
    raw += expands && c == '$' ? std::string("$$") : std::string(1, c);
  }
  std::string quoted;
  append_json_string(quoted, raw);
  return quoted;
}

}  // namespace

std::optional<std::string> assignment_line(Form form, std::string_view name,
                                           std::string_view value) {
  if (value.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  switch (form) {
    case Form::sh:
      return fmt::format("export {}={}", name, sh_value(value));
    case Form::fish:
      return fmt::format("set -gx {} {}", name, fish_value(value));
    case Form::dotenv:
      return fmt::format("{}={}", name, dotenv_value(value));
    case Form::docker:
      return docker_can_carry(value) ? std::optional(fmt::format("{}={}", name, value))
                                     : std::nullopt;
    case Form::k8s:
      return is_utf8(value)
                 ? std::optional(fmt::format("- name: {}\n  value: {}", name, k8s_value(value)))
                 : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace toolkit::environment
