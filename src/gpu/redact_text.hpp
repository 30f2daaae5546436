#pragma once
// The names inside of a text that would tell strangers whose machine this is.

#include "redact_digits.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

class TextRedactor {
 public:
  explicit TextRedactor(std::vector<std::string> host_names) : host_names_(std::move(host_names)) {}

  /// Wherever they stand: UUIDs, GPU-… and MIG-… also when cut short, groups of two or four
  /// digits between colons, runs of 32 digits and more, our host names, home directories.
  [[nodiscard]] std::string text(std::string_view text);
  /// All of its digits, for what is nothing else: a GUID, a serial number.
  [[nodiscard]] std::string name(std::string_view text) { return pseudonyms_.of(text); }

 private:
  /// How much of the start of `text` is a name, 0 for none; `inside` a word there is none.
  [[nodiscard]] std::size_t name_length(std::string_view text) const;

  std::vector<std::string> host_names_;
  Pseudonyms pseudonyms_;
};

}  // namespace toolkit::gpu
