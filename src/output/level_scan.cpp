// Heads that begin with a date or a bracket: a date, a logger's name, a level, in many orders.

#include "level_names.hpp"
#include "level_words.hpp"

#include <algorithm>
#include <array>

namespace toolkit::output {
namespace {

constexpr std::size_t head_size = 160;

enum Kind : unsigned char { other = 0, separator = 1, of_date = 2 };

constexpr std::array<unsigned char, 256> kinds = [] {
  std::array<unsigned char, 256> table{};
  for (const char c : {' ', '\t', '[', ']', '(', ')', '{', '}', '|'}) {
    table[static_cast<unsigned char>(c)] = separator;
  }
  for (const char c :
       {'-', '/', ':', '.', ',', '+', 'Z', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'}) {
    table[static_cast<unsigned char>(c)] = of_date;
  }
  return table;
}();

bool is(Kind kind, char c) { return kinds[static_cast<unsigned char>(c)] == kind; }

bool has_digits(std::string_view text, std::size_t from, std::size_t count) {
  const std::string_view part = text.substr(from, count);
  return part.size() == count && std::all_of(part.begin(), part.end(), is_digit);
}

/// 2021-07-04, 2021/07/04, 07/04/2021 or 15:50:26.
bool begins_with_date(std::string_view text) {
  if (text.size() < 8) {
    return false;
  }
  const char fifth = text[4];
  const char third = text[2];
  if (fifth == '-' || fifth == '/') {
    return has_digits(text, 0, 4) && text[7] == fifth && has_digits(text, 5, 2);
  }
  return (third == '/' || third == ':') && text[5] == third && has_digits(text, 0, 2) &&
         has_digits(text, 3, 2) && has_digits(text, 6, 2);
}

/// Behind a date, a time and a zone.
std::string_view without_date(std::string_view text) {
  constexpr std::size_t full = 19;  // 2021-07-04 15:50:26
  std::size_t at = 8;               // begins_with_date() has seen these
  if (text.size() > full && text[13] == ':' && text[16] == ':') {
    at = full;
  }
  for (; at < text.size(); ++at) {
    const bool joins = text[at] == ' ' || text[at] == 'T';
    if (!is(of_date, text[at]) && !(joins && at + 1 < text.size() && is_digit(text[at + 1]))) {
      break;
    }
  }
  return text.substr(at);
}

struct Token {
  std::string_view word;
  bool bracketed = false;
  bool set_apart = false;  // by a bracket, bar or dash, as names and levels are, and prose is not
};

bool is_lone_dash(std::string_view text, std::size_t at) {
  return text[at] == '-' && at + 1 < text.size() && text[at + 1] == ' ';
}

/// Takes the next token off `text`; one without a word is the end.
Token take_token(std::string_view& text) {
  std::size_t start = 0;
  while (start < text.size() && (is(separator, text[start]) || is_lone_dash(text, start))) {
    ++start;
  }
  std::size_t end = start;
  while (end < text.size() && !is(separator, text[end])) {
    ++end;
  }
  const std::string_view word = text.substr(start, end - start);
  const bool bracketed = start > 0 && text[start - 1] == '[';
  text.remove_prefix(end);
  const char next = text.size() > 1 && text[0] == ' ' ? text[1] : text.empty() ? ' ' : text[0];
  return {word, bracketed, bracketed || next == ']' || next == '|' || next == '-' || next == '}'};
}

/// TensorFlow: `2021-07-04 15:50:26.123456: W tensorflow/…`.
Stated level_before_path(const Token& token, std::string_view rest) {
  if (token.word.size() != 1 || token.bracketed) {
    return std::nullopt;
  }
  const std::string_view next = rest.substr(0, rest.find(' ', 1));
  return next.find('/') != std::string_view::npos ? level_of_letter(token.word[0]) : std::nullopt;
}

Stated level_of_token(const Token& token) {
  return token.bracketed ? level_at_in_any_case(token.word) : level_at(token.word);
}

/// Looks through names to a level; `prose` is how many words may pass that nothing sets apart.
Stated find_level(std::string_view text, int prose) {
  for (int tokens = 0; tokens < 8; ++tokens) {
    const Token token = take_token(text);
    if (token.word.empty()) {
      break;
    }
    Stated level = level_of_token(token);
    if (!level && tokens == 0 && prose > 0) {
      level = level_before_path(token, text);
    }
    if (level) {
      return level;
    }
    prose -= token.set_apart ? 0 : 1;
    if (prose < 0 || token.word.ends_with(':')) {
      break;  // the message has begun
    }
  }
  return std::nullopt;
}

/// `[rank0]:` and `[default0]:`, which torchrun and PyTorch put before a line of a rank.
std::string_view without_rank(std::string_view line) {
  const std::size_t close = line.substr(0, 24).find("]:");
  if (close == std::string_view::npos || close < 2 || !is_digit(line[close - 1])) {
    return line;
  }
  const std::size_t next = line.find_first_not_of(' ', close + 2);
  return next == std::string_view::npos ? std::string_view() : line.substr(next);
}

}  // namespace

Stated level_after_date(std::string_view line) {
  return begins_with_date(line) ? find_level(without_date(line.substr(0, head_size)), 1)
                                : std::nullopt;
}

Stated level_in_brackets(std::string_view line) {
  const std::string_view rest = without_rank(line.substr(0, head_size));
  if (!rest.starts_with('[')) {
    return is_digit(rest.empty() ? ' ' : rest[0]) ? level_after_date(rest) : level_at_start(rest);
  }
  const std::string_view inner = rest.substr(1);
  if (begins_with_date(inner)) {
    return level_after_date(inner);
  }
  if (inner.size() > 1 && (inner[1] == ' ' || is_digit(inner[1]))) {
    const Stated level = inner[1] == ' ' ? level_of_letter(inner[0]) : level_at_start(inner);
    if (level) {
      return level;
    }
  }
  return find_level(rest, 0);
}

}  // namespace toolkit::output
