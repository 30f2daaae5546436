#pragma once
// A pattern with wildcards, held against a whole text (rsync(1), PATTERN MATCHING RULES): `*` and
// `?` stop at a slash, `**` does not, `[...]` is one byte and never a slash, a backslash takes the
// next byte as it is. Time is at most pattern times text, whatever the pattern.

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

namespace toolkit::selection {

class Glob {
 public:
  /// Every text is a pattern; one with a class that does not end matches nothing. `after_slashes`:
  /// the pattern may also begin behind any slash, of texts that have one at their start.
  explicit Glob(std::string_view pattern, bool after_slashes = false);
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  enum class Kind : std::uint8_t { byte, any, set, star, two_stars };
  struct Token {
    Kind kind;
    unsigned char byte = 0;
    std::size_t set = 0;  // in sets_
  };

  bool add_set(std::string_view& rest);
  [[nodiscard]] static bool is_star(const Token& token);
  [[nodiscard]] bool accepts(const Token& token, unsigned char byte) const;
  [[nodiscard]] bool matches_between_stars(std::string_view text, std::size_t from,
                                           std::size_t to) const;

  std::vector<Token> tokens_;  // no star stands beside another
  std::vector<std::bitset<256>> sets_;
  bool nothing_ = false;
};

}  // namespace toolkit::selection
