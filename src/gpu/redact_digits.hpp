#pragma once
// Hexadecimal names in place of others, so that what began alike begins alike.

#include <map>
#include <string>
#include <string_view>

namespace toolkit::gpu {

/// Zeros stay zeros and every other digit becomes another than zero, chosen by the digits before
/// it in the order in which they come: a prefix of a name becomes the prefix of its placeholder.
/// What is no digit stays.
class Pseudonyms {
 public:
  [[nodiscard]] std::string of(std::string_view name) {
    std::string made, before;
    for (const char letter : name) {
      const char digit = letter >= 'A' && letter <= 'F' ? static_cast<char>(letter + 32) : letter;
      const bool is_digit = (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
      made += !is_digit || digit == '0' ? letter : replaced(before, digit);
      before += is_digit ? std::string(1, digit) : "";
    }
    return made;
  }

 private:
  char replaced(const std::string& before, char digit) {
    auto& seen = children_[before];
    const auto [it, added] = seen.try_emplace(digit, static_cast<int>(seen.size()));
    return "123456789abcdef"[it->second];
  }
  std::map<std::string, std::map<char, int>> children_;
};

}  // namespace toolkit::gpu
