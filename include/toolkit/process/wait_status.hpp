#pragma once
// A raw status from wait4(2), kept raw until somebody asks.

#include <sys/resource.h>
#include <sys/types.h>

#include <string>

namespace toolkit::process {

class WaitStatus {
 public:
  explicit WaitStatus(int raw = 0) : raw_(raw) {}
  /// exited n gives n, killed by n gives 128+n: the numbers of shells and container engines.
  [[nodiscard]] int exit_code() const;
  [[nodiscard]] int signal() const;  // 0 when it exited by itself
  [[nodiscard]] bool core_dumped() const;
  /// "exited with code 3", "killed by SIGSEGV (core dumped)".
  [[nodiscard]] std::string words() const;

 private:
  int raw_;
};

struct Reaped {
  pid_t pid = 0;
  WaitStatus status;
  struct rusage usage {};
};

}  // namespace toolkit::process
