#pragma once
// Reads one operand from left to right: blanks, names, and texts with their quotes. What ends a
// text depends on whether it stands in brackets.

#include <toolkit/condition/condition.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::condition {

template <typename T>
using Parsed = tl::expected<T, Mistake>;

/// What quotes may stand around, shortened and masked: safe to print on one line.
[[nodiscard]] std::string in_quotes(std::string_view text);

[[nodiscard]] std::string lower_case(std::string_view text);

class Cursor {
 public:
  /// `text` is borrowed; `operand` is its number, for mistakes.
  Cursor(std::string_view text, std::size_t operand) : text_(text), operand_(operand) {}

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::size_t operand() const { return operand_; }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  /// The next character, or NUL at the end (parse() refuses NUL in an operand).
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  /// At the end, or in brackets at a comma or a closing bracket.
  [[nodiscard]] bool at_end_of_expression() const;
  /// A letter, then letters, digits, `-` and `_`. May be empty; nothing is taken.
  [[nodiscard]] std::string_view name() const;
  /// What stands up to the next blank or bracket: to be quoted in a mistake. Nothing is taken.
  [[nodiscard]] std::string_view word() const;

  void skip(std::size_t bytes) { at_ += bytes; }
  void skip_blanks();
  [[nodiscard]] bool take(char c);
  void enter_brackets() { ++level_; }
  void leave_brackets() { --level_; }
  [[nodiscard]] bool in_brackets() const { return level_ > 0; }

  /// A text up to a blank, the end of the expression, or one of `stops`; quotes and backslashes are
  /// taken out. Brackets of its own, between which commas belong to it, must be closed.
  [[nodiscard]] Parsed<Piece> read_text(std::string_view stops = {});
  /// The rest of the operand as it is; in brackets the rest of the expression, in which quotes and
  /// brackets of its own protect commas, without the blanks at its end.
  [[nodiscard]] Parsed<Piece> read_rest();

  [[nodiscard]] tl::unexpected<Mistake> mistake(std::size_t offset, std::size_t length,
                                                std::string message, std::string remedy) const;

 private:
  /// What belongs together at the place: a quoted text, a backslash with what follows, a character.
  [[nodiscard]] Parsed<std::string_view> unit() const;
  /// Takes it, and keeps count of where brackets of a text's own are open.
  Parsed<std::string_view> take_unit(std::vector<std::size_t>& own_brackets);
  [[nodiscard]] Parsed<Piece> closed(Piece piece,
                                     const std::vector<std::size_t>& own_brackets) const;

  std::string_view text_;
  std::size_t operand_;
  std::size_t at_ = 0;
  std::size_t level_ = 0;
};

}  // namespace toolkit::condition
