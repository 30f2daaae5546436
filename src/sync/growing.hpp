#pragma once
// Which files grow at their end and are appended to in place, so that who reads along at the
// destination goes on reading (tensorboard#1344). All others appear whole.

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::sync {

class GrowingNames {
 public:
  GrowingNames() = default;
  /// Shell patterns (glob(7)) of names without directories. No `growing`: the usual ones, less what
  /// is compressed. `whole` wins over both.
  GrowingNames(std::vector<std::string> growing, std::vector<std::string> whole);

  [[nodiscard]] bool matches(const std::string& name) const;

  /// The usual ones, for --help and the man page.
  [[nodiscard]] static const std::vector<std::string_view>& usual();

 private:
  std::vector<std::string> growing_, whole_;
};

}  // namespace toolkit::sync
