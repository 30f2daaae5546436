#pragma once
// Which claims were those of earlier owners of our journal. A PID says nothing in another PID
// namespace, and a container that was started again has one: there the claim of the one that was
// killed could not be told from that of somebody who lives. But who claims keeps a small file
// beside his journal locked for his whole life, and notes his claims in it. Who has that lock knows
// that all who are noted there are gone.

#include <toolkit/base/unique_fd.hpp>

#include <string>
#include <vector>

namespace toolkit::sync {

class Predecessors {
 public:
  Predecessors() = default;  // knows nobody, notes nothing
  /// Where the lock cannot be had, for whatever reason, nobody is known.
  explicit Predecessors(const std::string& path);

  /// Whether the claim with this token was one of theirs.
  [[nodiscard]] bool have(const std::string& token) const;
  /// We are about to claim with this one.
  void note(const std::string& token) const;

 private:
  UniqueFd fd_;
  std::string place_;  // the machine's boot and the file: a copy of it is of no use elsewhere
  std::vector<std::string> tokens_;
};

}  // namespace toolkit::sync
