#include "pattern_parser.hpp"

#include "pattern_classes.hpp"

#include <fmt/core.h>

#include <cctype>
#include <limits>
#include <optional>

namespace toolkit::probe {
namespace {

using Set = Pattern::Set;
using State = Pattern::State;
using Step = Pattern::Step;

constexpr std::size_t kMostStates = 10'000;
constexpr int kMostRepeats = 1'000;
constexpr int kDeepest = 200;  // brackets in brackets: this parser recurses

// Thrown inside this file only; parse_pattern() turns it into a Fault.
struct Refused {
  std::string message;
  std::size_t offset;
};

// Code is written at the end of `states`, so that a part of the pattern is a range of them with
// relative meaning: a copy of it is moved by adding to its targets.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {
    if (text_.starts_with("(?i)")) {
      ignore_case_ = true;
      at_ = 4;
    }
  }

  Program program() {
    alternatives(0);
    if (at_ < text_.size()) {
      refuse("a closing bracket without its opening one", at_);
    }
    emit({.step = Step::match});
    return std::move(program_);
  }

 private:
  [[noreturn]] static void refuse(std::string message, std::size_t offset) {
    throw Refused{std::move(message), offset};
  }

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool eat(std::string_view word) {
    const bool there = text_.substr(at_).starts_with(word);
    at_ += there ? word.size() : 0;
    return there;
  }

  [[nodiscard]] std::uint32_t here() const {
    return static_cast<std::uint32_t>(program_.states.size());
  }
  void emit(State state) {
    if (program_.states.size() >= kMostStates) {
      refuse("too large", at_ > 0 ? at_ - 1 : 0);
    }
    program_.states.push_back(state);
  }
  void emit_step(Step step) { emit({.step = step, .next = here() + 1}); }
  void emit_set(Set set) {
    if (ignore_case_) {
      for (std::size_t letter = 'a'; letter <= 'z'; ++letter) {
        const std::size_t capital = letter - 'a' + 'A';
        set[letter] = set[capital] = set[letter] || set[capital];
      }
    }
    const auto index = static_cast<std::uint32_t>(program_.sets.size());
    program_.sets.push_back(set);
    emit({.step = Step::bytes, .next = here() + 1, .set = index});
  }
  void emit_byte(char byte) { emit_set(Set().set(static_cast<unsigned char>(byte))); }

  // Takes the states from `from` on out of the program.
  std::vector<State> cut(std::uint32_t from) {
    const auto first = program_.states.begin() + from;
    std::vector<State> part(first, program_.states.end());
    program_.states.erase(first, program_.states.end());
    return part;
  }
  // Appends a part that was cut at `from`.
  void paste(const std::vector<State>& part, std::uint32_t from) {
    const std::uint32_t shift = here() - from;  // wraps around for a move to the front, as wanted
    for (State state : part) {
      state.next += shift;
      state.other += shift;
      emit(state);
    }
  }

  void alternatives(int depth) {
    if (depth > kDeepest) {
      refuse("brackets too deep", at_);
    }
    std::vector<std::uint32_t> jumps;
    std::uint32_t from = here();
    sequence(depth);
    while (eat("|")) {
      // split L1, L2; L1: left; jump end; L2: right; end
      const std::vector<State> left = cut(from);
      const auto split = here();
      emit({.step = Step::split, .next = split + 1});
      paste(left, from);
      jumps.push_back(here());
      emit({.step = Step::jump});
      program_.states[split].other = from = here();
      sequence(depth);
    }
    for (const std::uint32_t jump : jumps) {
      program_.states[jump].next = here();
    }
  }

  void sequence(int depth) {
    while (!at_end() && peek() != '|' && peek() != ')') {
      const std::uint32_t from = here();
      const bool repeatable = atom(depth);
      repeats(from, repeatable);
    }
  }

  // False for what has no width.
  bool atom(int depth) {
    const std::size_t start = at_;
    const char c = text_[at_++];
    switch (c) {
      case '(':
        group(start, depth);
        return true;
      case '[':
        emit_set(bracket(start));
        return true;
      case '.':
        emit_set(~Set().set('\n'));
        return true;
      case '^':
        emit_step(Step::begin);
        return false;
      case '$':
        emit_step(Step::end);
        return false;
      case '*':
      case '+':
      case '?':
        refuse("nothing to repeat", start);
      case '\\':
        return escape(start);
      default:
        literal(c);
        return true;
    }
  }

  // A character of UTF-8 is repeated as a whole.
  void literal(char c) {
    emit_byte(c);
    while (static_cast<unsigned char>(c) >= 0xC0 && !at_end() &&
           (static_cast<unsigned char>(peek()) & 0xC0) == 0x80) {
      emit_byte(text_[at_++]);
    }
  }

  void group(std::size_t start, int depth) {
    if (eat("?") && !eat(":")) {
      refuse("looking around is not supported; (?:…) and a leading (?i) are", start);
    }
    alternatives(depth + 1);
    if (!eat(")")) {
      refuse("a bracket that is not closed", start);
    }
  }

  bool escape(std::size_t start) {
    if (at_end()) {
      refuse("a backslash at the end", start);
    }
    const char c = text_[at_++];
    if (c == 'b' || c == 'B') {
      emit_step(c == 'b' ? Step::boundary : Step::no_boundary);
      return false;
    }
    if (const auto set = escaped_class(c)) {
      emit_set(*set);
    } else {
      emit_byte(escaped_byte(c, start));
    }
    return true;
  }

  char escaped_byte(char c, std::size_t start) {
    switch (c) {
      case 't':
        return '\t';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 'f':
        return '\f';
      case 'v':
        return '\v';
      case 'x':
        return hexadecimal(start);
      default:
        break;
    }
    if (c >= '1' && c <= '9') {
      refuse("back-references are not supported", start);
    }
    if (is_letter(c) || c == '0') {
      refuse(fmt::format("\\{} means nothing here", c), start);
    }
    return c;
  }

  char hexadecimal(std::size_t start) {
    int value = 0;
    for (int digit = 0; digit < 2; ++digit) {
      const char c = peek();
      if (!is_hexadecimal(c)) {
        refuse("\\x wants two hexadecimal digits", start);
      }
      value = value * 16 + (is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
      ++at_;
    }
    return static_cast<char>(value);
  }

  Set bracket(std::size_t start) {
    Set set;
    const bool negated = eat("^");
    bool first = true;
    while (first || peek() != ']') {
      if (at_end()) {
        refuse("a [ that is not closed", start);
      }
      first = false;
      member(set, start);
    }
    ++at_;
    return negated ? ~set & ~Set().set('\n') : set;
  }

  // A byte, a range of them or a class.
  void member(Set& set, std::size_t start) {
    const std::size_t from = at_;
    if (eat("[:")) {
      const auto close = text_.find(":]", at_);
      const auto known = close == std::string_view::npos
                             ? std::nullopt
                             : named_class(text_.substr(at_, close - at_));
      if (known) {
        set |= *known;
        at_ = close + 2;
        return;
      }
      refuse("no such class of characters", from);
    }
    if (peek() == '\\' && at_ + 1 < text_.size()) {
      if (const auto known = escaped_class(text_[at_ + 1])) {
        set |= *known;
        at_ += 2;
        return;
      }
    }
    const unsigned char low = bracket_byte(start);
    unsigned char high = low;
    if (peek() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
      ++at_;
      high = bracket_byte(start);
    }
    if (high < low) {
      refuse("a range that ends before it begins", from);
    }
    for (std::size_t byte = low; byte <= high; ++byte) {
      set.set(byte);
    }
  }

  unsigned char bracket_byte(std::size_t start) {
    if (at_end()) {
      refuse("a [ that is not closed", start);
    }
    const std::size_t from = at_;
    const char c = text_[at_++];
    if (static_cast<unsigned char>(c) >= 0x80) {
      refuse("only ASCII inside [ ]", from);
    }
    if (c != '\\') {
      return static_cast<unsigned char>(c);
    }
    if (at_end()) {
      refuse("a backslash at the end", from);
    }
    const char escaped = text_[at_++];
    return static_cast<unsigned char>(escaped == 'b' ? '\b' : escaped_byte(escaped, from));
  }

  static constexpr int kUnbounded = std::numeric_limits<int>::max();

  void repeats(std::uint32_t from, bool repeatable) {
    bool repeated = false;
    while (!at_end()) {
      const std::size_t start = at_;
      int low = 0, high = kUnbounded;
      if (eat("*")) {
      } else if (eat("+")) {
        low = 1;
      } else if (eat("?")) {
        high = 1;
      } else if (!counted(low, high)) {
        return;
      }
      if (!repeatable || repeated) {
        refuse("nothing to repeat", start);
      }
      repeated = true;
      (void)eat("?");  // lazy: where it matches differs, not whether
      repeat(from, low, high);
    }
  }

  // {2} {2,} {2,5}; anything else in braces is literal, as in Python and ECMAScript.
  bool counted(int& low, int& high) {
    const std::size_t start = at_;
    const auto number = [&]() -> std::optional<int> {
      std::optional<int> value;
      while (is_digit(peek())) {
        value = std::min(value.value_or(0) * 10 + (text_[at_++] - '0'), kMostRepeats + 1);
      }
      return value;
    };
    const auto first = eat("{") ? number() : std::nullopt;
    const bool comma = first && eat(",");
    const auto second = comma ? number() : first;
    if (!first || !eat("}")) {
      at_ = start;
      return false;
    }
    low = *first;
    high = second.value_or(kUnbounded);
    if (low > kMostRepeats || (high > kMostRepeats && high != kUnbounded)) {
      refuse(fmt::format("at most {} repetitions", kMostRepeats), start);
    }
    if (high < low) {
      refuse("a range that ends before it begins", start);
    }
    return true;
  }

  void repeat(std::uint32_t from, int low, int high) {
    const std::vector<State> part = cut(from);
    for (int i = 0; i < low; ++i) {
      paste(part, from);
    }
    if (high == kUnbounded) {
      // split body, end; body: part; jump split
      const auto split = here();
      emit({.step = Step::split, .next = split + 1});
      paste(part, from);
      emit({.step = Step::jump, .next = split});
      program_.states[split].other = here();
      return;
    }
    std::vector<std::uint32_t> splits;
    for (int i = low; i < high; ++i) {
      splits.push_back(here());
      emit({.step = Step::split, .next = here() + 1});
      paste(part, from);
    }
    for (const std::uint32_t split : splits) {
      program_.states[split].other = here();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool ignore_case_ = false;
  Program program_;
};

}  // namespace

tl::expected<Program, Pattern::Fault> parse_pattern(std::string_view text) {
  try {
    return Parser(text).program();
  } catch (Refused& refused) {
    return tl::unexpected(Pattern::Fault{std::move(refused.message), refused.offset});
  }
}

}  // namespace toolkit::probe
