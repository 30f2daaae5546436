#include <toolkit/base/text.hpp>
#include <toolkit/cli/option.hpp>

#include <fmt/core.h>

namespace toolkit::cli {

std::string_view Option::long_name() const {
  const std::string_view all(names);
  return all.substr(all.find("--") + 2);
}

char Option::short_name() const { return names[0] == '-' && names[1] != '-' ? names[1] : '\0'; }

Result<void> read_value(std::string_view text, std::string& out) {
  out = text;
  return {};
}

Result<void> read_value(std::string_view text, bool& out) {
  for (const std::string_view yes : {"true", "1", "yes", "on"}) {
    if (text == yes) {
      out = true;
      return {};
    }
  }
  for (const std::string_view no : {"false", "0", "no", "off", ""}) {
    if (text == no) {
      out = false;
      return {};
    }
  }
  return fail(ErrorKind::usage, fmt::format("'{}' is neither true nor false", text));
}

Result<void> read_value(std::string_view text, int& out) {
  const auto number = parse_whole(text);
  if (!number || *number > 1'000'000'000) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not a whole number", text));
  }
  out = static_cast<int>(*number);
  return {};
}

Result<void> read_value(std::string_view text, Milliseconds& out) {
  TRY_ASSIGN(out, parse_duration(text));
  return {};
}

Result<void> read_value(std::string_view text, ByteSize& out) {
  TRY_ASSIGN(out, parse_byte_size(text));
  return {};
}

}  // namespace toolkit::cli
