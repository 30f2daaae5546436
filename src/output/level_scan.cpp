// Heads that begin with a date or a bracket: a date, a logger's name, a level, in many orders.

#include "level_names.hpp"
#include "level_words.hpp"

#include <algorithm>

namespace toolkit::output {
namespace {

constexpr std::size_t head_size = 160;
constexpr std::string_view separators = " \t[](){}|";

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

std::string_view without_date(std::string_view text) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    const bool digit_follows = at + 1 < text.size() && is_digit(text[at + 1]);
    const bool of_date =
        is_digit(c) || std::string_view("-/:.,+Z").find(c) != std::string_view::npos;
    if (!of_date && !((c == ' ' || c == 'T') && digit_follows)) {
      break;
    }
  }
  return text.substr(at);
}

struct Token {
  std::string_view word;
  bool bracketed = false;
  bool set_apart =
      false;  // by a bracket, a bar or a dash, as names and levels are, and prose is not
};

/// Takes the next token off `text`; one without a word is the end.
Token take_token(std::string_view& text) {
  const std::size_t start = text.find_first_not_of(separators);
  if (start == std::string_view::npos) {
    return {};
  }
  const bool bracketed = start > 0 && text[start - 1] == '[';
  const std::size_t end = std::min(text.find_first_of(separators, start), text.size());
  const std::string_view word = text.substr(start, end - start);
  text.remove_prefix(end);
  const std::size_t next = text.find_first_not_of(" \t");
  const bool set_apart = next != std::string_view::npos &&
                         std::string_view("]|-}").find(text[next]) != std::string_view::npos;
  return {word, bracketed, bracketed || set_apart};
}

bool is_dash(std::string_view word) { return word == "-" || word == "--"; }

/// TensorFlow: `2021-07-04 15:50:26.123456: W tensorflow/…`.
Stated level_before_path(const Token& token, std::string_view rest) {
  const bool lone = token.word.size() == 1 && !token.bracketed;
  return lone && take_token(rest).word.find('/') != std::string_view::npos
             ? level_of_letter(token.word[0])
             : std::nullopt;
}

Stated level_of_token(const Token& token) {
  std::string_view word = token.word;
  if (word.ends_with(':')) {
    word.remove_suffix(1);
  }
  return token.bracketed ? level_named_freely(word) : level_named(word);
}

/// Looks through names to a level; `prose` is how many words may pass that nothing sets apart.
Stated find_level(std::string_view text, int prose) {
  for (int tokens = 0; tokens < 8; ++tokens) {
    const Token token = take_token(text);
    if (token.word.empty()) {
      break;
    }
    const Stated level = tokens == 0 && prose > 0 ? level_before_path(token, text) : std::nullopt;
    if (level || level_of_token(token)) {
      return level ? level : level_of_token(token);
    }
    prose -= token.set_apart || is_dash(token.word) ? 0 : 1;
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
