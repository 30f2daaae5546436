#include <toolkit/base/secret.hpp>
#include <toolkit/condition/condition.hpp>

#include <algorithm>

namespace toolkit::condition {
namespace {

bool continues_a_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !continues_a_code_point(c); }));
}

// Every control character takes one column and does nothing to a terminal: tabs and line ends
// become blanks, others question marks.
std::string on_one_line(std::string text) {
  for (char& c : text) {
    if (c == '\t' || c == '\n' || c == '\r') {
      c = ' ';
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      c = '?';
    }
  }
  return text;
}

// Passwords are masked, which moves what follows them: a place is where the masked text before it
// ends.
std::size_t column(std::string_view operand, std::size_t offset) {
  return code_points(mask_secrets(operand.substr(0, offset)));
}

}  // namespace

std::string underline(std::string_view operand, std::size_t offset, std::size_t length) {
  offset = std::min(offset, operand.size());
  length = std::min(length, operand.size() - offset);
  const std::size_t begin = column(operand, offset);
  const std::size_t end = std::max(column(operand, offset + length), begin + 1);
  return "  " + on_one_line(mask_secrets(operand)) + "\n  " + std::string(begin, ' ') +
         std::string(end - begin, '^');
}

}  // namespace toolkit::condition
