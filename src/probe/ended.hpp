#pragma once
// What is found when a job or a process has ended, and which exit codes are the wanted ones.

#include <toolkit/probe/probe.hpp>
#include <toolkit/process/wait_status.hpp>

#include <string>
#include <utility>
#include <vector>

namespace toolkit::probe {

/// The codes of the parameter `code`: one, a range or several (0, 0-9, 0,3,10-19), each 0 to 255.
/// Without it every code is a fulfilled end.
class WantedCodes {
 public:
  [[nodiscard]] static tl::expected<WantedCodes, condition::Mistake> parse(
      const condition::Leaf& leaf);
  /// Over and final. A wanted code is met; asked for by name, no code to end with but 0, since it
  /// is what its asker calls success. Another is unmet, and its code is the one to end with.
  [[nodiscard]] Finding judge(int code, std::string words) const;
  /// Over, and nobody can say how: exit code 3, and met only where every code is, never as a 0.
  [[nodiscard]] Finding judge_unknown(std::string words) const;

 private:
  std::vector<std::pair<int, int>> ranges_;  // first and last; empty: all
  std::string text_;
};

/// "exited 3", "killed by SIGSEGV (core dumped)".
[[nodiscard]] std::string end_words(const process::WaitStatus& status);

}  // namespace toolkit::probe
