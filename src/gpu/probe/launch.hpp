#pragma once
// Starts the probe: from memory where that may be executed, else from a file that is gone again
// before it runs.

#include <toolkit/base/unique_fd.hpp>

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

struct Started {
  pid_t pid = -1;
  UniqueFd lines;  // what it says; the one descriptor between it and us
};

class Launcher {
 public:
  using Variables = std::function<std::optional<std::string_view>(std::string_view name)>;
  Launcher(std::string_view executable, char** environment, const Variables& variables);

  /// Own session, /dev/null for stdin and stderr, nothing else of ours: a probe that can never be
  /// killed must not hold a caller's pipe open. Nothing where it could not be started; why() has
  /// the reason.
  std::optional<Started> start(const std::vector<std::string>& arguments);

  [[nodiscard]] const std::string& why() const { return why_; }
  /// The image lacks what every dynamic program needs: no probe can run here.
  [[nodiscard]] bool no_loader() const { return no_loader_; }

 private:
  bool next_place();
  std::string_view executable_;
  char** environment_;
  std::vector<std::string> folders_;
  std::size_t place_ = 0;  // 0: memory, then the folders
  UniqueFd program_;
  std::string why_;
  bool no_loader_ = false;
};

}  // namespace toolkit::gpu
