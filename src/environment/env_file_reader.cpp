#include "env_file_reader.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

namespace toolkit::environment {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlank = " \t";

std::string_view skip_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(kBlank);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

// What may follow a closing quote. A # right behind it would be part of the word in a shell.
bool is_blank_or_comment(std::string_view text) {
  const std::string_view rest = skip_blanks(text);
  return rest.empty() || (rest[0] == '#' && rest.size() < text.size());
}

std::string_view without_export(std::string_view line) {
  constexpr std::string_view kExport = "export";
  if (line.starts_with(kExport) && line.size() > kExport.size() &&
      kBlank.find(line[kExport.size()]) != std::string_view::npos) {
    return skip_blanks(line.substr(kExport.size()));
  }
  return line;
}

}  // namespace

EnvFileReader::EnvFileReader(std::string_view text) : text_(text) {
  if (text_.starts_with(kByteOrderMark)) {
    text_.remove_prefix(kByteOrderMark.size());
  }
}

std::string_view EnvFileReader::take_line() {
  const auto end = text_.find('\n', at_);
  std::string_view line = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
  at_ = end == std::string_view::npos ? text_.size() : end + 1;
  ++line_;
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

EnvFileItem EnvFileReader::next() {
  const std::string_view line = trim(take_line());
  const std::size_t number = line_;
  if (line.empty() || line[0] == '#') {
    return {};
  }
  if (line.find('\0') != std::string_view::npos) {
    return BrokenLine{number, "a NUL byte"};
  }
  const std::string_view assignment = without_export(line);
  const auto equals = assignment.find('=');
  const std::string_view key = assignment.substr(0, equals);
  if (is_variable_name(key)) {
    return equals == std::string_view::npos
               ? EnvFileItem()
               : read_value(key, assignment.substr(equals + 1), number);
  }
  if (equals == std::string_view::npos) {
    return BrokenLine{number, "not KEY=value"};  // the line is not shown: it may be a stray secret
  }
  if (key.ends_with(' ') || key.ends_with('\t')) {
    return BrokenLine{number, "a blank before ="};
  }
  return BrokenLine{number,
                    fmt::format("'{}' is not a variable name", printable(key.substr(0, 32)))};
}

EnvFileItem EnvFileReader::read_value(std::string_view key, std::string_view rest,
                                      std::size_t number) {
  rest = skip_blanks(rest);
  if (rest.empty() || (rest[0] != '\'' && rest[0] != '"')) {
    return Assignment(key, rest);
  }
  return read_quoted(key, rest, number);
}

EnvFileItem EnvFileReader::read_quoted(std::string_view key, std::string_view rest,
                                       std::size_t number) {
  const std::size_t after_line = at_;
  at_ = static_cast<std::size_t>(rest.data() - text_.data()) + 1;
  --line_;  // the line is being read again, from the quote on
  std::string value;
  const bool closed = read_until_quote(rest[0], value);
  if (!closed) {
    at_ = after_line;  // so that the lines below are judged too
    line_ = number;
    return BrokenLine{number, fmt::format("the value of {} has no closing {}", key, rest[0])};
  }
  if (!is_blank_or_comment(take_line())) {
    return BrokenLine{number, fmt::format("text after the closing quote of {}", key)};
  }
  if (value.find('\0') != std::string::npos) {
    return BrokenLine{number, fmt::format("a NUL byte in the value of {}", key)};
  }
  return Assignment(key, std::move(value));
}

bool EnvFileReader::read_until_quote(char quote, std::string& value) {
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c == quote) {
      return true;
    }
    if (c == '\r' && at_ < text_.size() && text_[at_] == '\n') {
      continue;
    }
    line_ += c == '\n' ? 1 : 0;
    if (c == '\\' && quote == '"') {
      read_escape(value);
    } else {
      value += c;
    }
  }
  return false;
}

void EnvFileReader::read_escape(std::string& value) {
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  const bool carriage_return = c == '\r' && text_.substr(at_).starts_with("\r\n");
  if (c == '\n' || carriage_return) {
    at_ += carriage_return ? 2 : 1;
    ++line_;
  } else if (c == 'n' || c == 't') {
    value += c == 'n' ? '\n' : '\t';
    ++at_;
  } else if (c == '"' || c == '\\' || c == '$' || c == '`') {
    value += c;
    ++at_;
  } else {
    value += '\\';  // not an escape: both characters stay, as in a shell
  }
}

}  // namespace toolkit::environment
