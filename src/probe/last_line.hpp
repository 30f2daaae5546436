#pragma once
// The last line that is not empty of a stream of bytes, in bounded memory: what a program said
// before it gave up.

#include <string>
#include <string_view>

namespace toolkit::probe {

class LastLine {
 public:
  /// The longest text that is kept of a line, in bytes; the rest of it is dropped.
  static constexpr std::size_t kLimit = 200;

  void add(std::string_view bytes);
  /// Trimmed, printable, secrets masked.
  [[nodiscard]] std::string text() const;

 private:
  std::string complete_;  // the last line that ended
  std::string partial_;   // the one under way
};

}  // namespace toolkit::probe
