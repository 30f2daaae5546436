#include "cursor.hpp"

#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>

#include <algorithm>

namespace toolkit::condition {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kQuotes = "'\"";
// A backslash takes the meaning away from these and vanishes. Before all others it stays, so that
// regular expressions need no second one.
constexpr std::string_view kEscapable = " \t\r\n'\",";

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// Where the quote that stands at the beginning of `text` is closed; npos when nowhere. As in a
// shell, a backslash keeps a double quote open and means nothing between single ones.
std::size_t closing_quote(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == text[0]) {
      return i;
    }
    i += text[i] == '\\' && text[0] == '"' ? 1 : 0;
  }
  return std::string_view::npos;
}

// "a\"b" without its quotes: only \" and \\ are escapes, as in a shell.
void append_double_quoted(std::string& out, std::string_view inner) {
  for (std::size_t i = 0; i < inner.size(); ++i) {
    i += inner[i] == '\\' && is_one_of(inner[i + 1], "\"\\") ? 1 : 0;
    out += inner[i];
  }
}

void append_plain(std::string& out, std::string_view unit) {
  if (unit[0] == '"') {
    append_double_quoted(out, unit.substr(1, unit.size() - 2));
  } else if (unit[0] == '\'') {
    out += unit.substr(1, unit.size() - 2);
  } else if (unit.size() == 2 && is_one_of(unit[1], kEscapable)) {
    out += unit[1];
  } else {
    out += unit;
  }
}

}  // namespace

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  const std::string masked = printable(mask_secrets(text));
  return masked.size() <= kLongest ? "'" + masked + "'" : "'" + masked.substr(0, kLongest) + "...'";
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

bool Cursor::at_end_of_expression() const {
  return at_end() || (in_brackets() && is_one_of(peek(), ",)"));
}

std::string_view Cursor::name() const {
  const std::string_view rest = text_.substr(at_);
  if (rest.empty() || !is_letter(rest[0])) {
    return {};
  }
  const auto end = std::ranges::find_if_not(rest, is_name_character);
  return rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
}

std::string_view Cursor::word() const {
  const std::string_view rest = text_.substr(at_);
  const std::size_t end = rest.find_first_of(in_brackets() ? " \t\r\n,()" : kBlanks);
  return rest.substr(0, std::max<std::size_t>(end, 1));
}

void Cursor::skip_blanks() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }

bool Cursor::take(char c) {
  if (peek() != c) {
    return false;
  }
  ++at_;
  return true;
}

Parsed<std::string_view> Cursor::unit() const {
  const std::string_view rest = text_.substr(at_);
  if (rest[0] == '\\') {
    return rest.substr(0, 2);
  }
  if (!is_one_of(rest[0], kQuotes)) {
    return rest.substr(0, 1);
  }
  const std::size_t end = closing_quote(rest);
  if (end == std::string_view::npos) {
    return mistake(at_, 1, "this quote is not closed",
                   "close it, or write \\' or \\\" for the character itself");
  }
  return rest.substr(0, end + 1);
}

Parsed<Piece> Cursor::read_text(std::string_view stops) {
  Piece piece{{}, at_, 0};
  std::vector<std::size_t> own_brackets;
  while (!at_end() && !is_one_of(peek(), kBlanks) &&
         !(own_brackets.empty() && (at_end_of_expression() || is_one_of(peek(), stops)))) {
    const auto next = take_unit(own_brackets);
    if (!next) {
      return tl::unexpected(next.error());
    }
    append_plain(piece.text, *next);
  }
  piece.length = at_ - piece.offset;
  return closed(std::move(piece), own_brackets);
}

Parsed<Piece> Cursor::read_rest() {
  Piece piece{{}, at_, 0};
  std::vector<std::size_t> own_brackets;
  std::size_t end = at_;  // without the blanks at the end
  while (in_brackets() && !at_end() && !(own_brackets.empty() && at_end_of_expression())) {
    const auto next = take_unit(own_brackets);
    if (!next) {
      return tl::unexpected(next.error());
    }
    end = is_one_of((*next)[0], kBlanks) ? end : at_;
  }
  if (!in_brackets()) {
    end = at_ = text_.size();
  }
  piece.length = end - piece.offset;
  piece.text = text_.substr(piece.offset, piece.length);
  return closed(std::move(piece), own_brackets);
}

Parsed<std::string_view> Cursor::take_unit(std::vector<std::size_t>& own_brackets) {
  const auto next = unit();
  if (!next) {
    return next;
  }
  if (in_brackets() && *next == "(") {
    own_brackets.push_back(at_);
  } else if (in_brackets() && *next == ")") {
    own_brackets.pop_back();  // with none open it would have ended the expression
  }
  at_ += next->size();
  return next;
}

Parsed<Piece> Cursor::closed(Piece piece, const std::vector<std::size_t>& own_brackets) const {
  if (own_brackets.empty()) {
    return piece;
  }
  return mistake(own_brackets.back(), 1, "this bracket is not closed",
                 "close it, or put the text in quotes");
}

tl::unexpected<Mistake> Cursor::mistake(std::size_t offset, std::size_t length, std::string message,
                                        std::string remedy) const {
  return tl::unexpected(Mistake{std::move(message), std::move(remedy), operand_, offset, length});
}

}  // namespace toolkit::condition
