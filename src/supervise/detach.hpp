#pragma once
// --detach: the caller gets its prompt back once the child runs; the supervisor goes on in the
// background.

#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <optional>
#include <string>

namespace toolkit::supervise {

class Detacher {
 public:
  /// Forks. In the caller this waits for ready() or fail() of the background process and returns
  /// its exit code; in the background process, which has its own session and /dev/null as stdin, it
  /// returns nothing.
  [[nodiscard]] Result<std::optional<int>> detach();
  /// In the background our stdout and stderr become /dev/null. Before anybody opens them anew, or
  /// whoever reads the caller's output to its end would wait for the job.
  void leave_streams();
  /// The child runs: the caller prints the line and ends with 0.
  void ready(const std::string& line);
  /// The child never ran: the caller reports this error.
  void fail(const Error& error);

 private:
  UniqueFd pipe_, null_;
};

}  // namespace toolkit::supervise
