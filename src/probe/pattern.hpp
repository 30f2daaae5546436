#pragma once
// Regular expressions for text that others wrote: time grows with pattern times text and never
// faster, memory not at all. Measured on 64 KiB of "a": glibc's regexec takes 8 s for (a+)+b, and
// std::regex recurses once a byte, until the stack is gone.
//
// The syntax is what grep -E, Python and ECMAScript have in common: . [] [^] [[:alpha:]] () (?:)
// | * + ? {2} {2,} {2,5} (lazy forms too), ^ $ at line ends, \d \w \s \b and their opposites,
// \t \n \r \f \v \xHH, and (?i) at the beginning. No back-references and nothing that looks around:
// they are what cannot be had in linear time. Bytes are compared, so `.` is one byte of UTF-8.

#include <toolkit/base/result.hpp>

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::probe {

class Pattern {
 public:
  struct Fault {
    std::string message;     // "nothing to repeat"
    std::size_t offset = 0;  // in the pattern
  };
  /// At most 10,000 states once counted repetitions are written out.
  [[nodiscard]] static tl::expected<Pattern, Fault> compile(std::string_view text);

  /// Whether it matches somewhere in this line. Without `ended`, more of the line may follow, so
  /// that $ does not match at its end.
  [[nodiscard]] bool found_in(std::string_view line, bool ended = true) const;
  /// Whether it matches in one of the lines of this text.
  [[nodiscard]] bool found_in_lines(std::string_view text) const;

  enum class Step : std::uint8_t { bytes, split, jump, begin, end, boundary, no_boundary, match };
  struct State {
    Step step = Step::match;
    std::uint32_t next = 0;   // of split: tried first
    std::uint32_t other = 0;  // of split
    std::uint32_t set = 0;    // of bytes: index into sets_
  };
  using Set = std::bitset<256>;

 private:
  std::vector<State> states_;
  std::vector<Set> sets_;
  Set first_;                  // bytes that a match can begin with
  bool may_be_empty_ = false;  // or begins with something that looks around
};

}  // namespace toolkit::probe
