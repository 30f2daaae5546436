#pragma once
// Running real programs from tests: to the end (run_toolkit, run_program) or in the background
// (Process).

#include <sys/types.h>
#include <tests/support/environment.hpp>
#include <tests/support/proc.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/support/wait_until.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::support {

struct LaunchOptions {
  std::string input = {};                       // what stdin holds before it ends
  std::map<std::string, std::string> env = {};  // added to child_environment()
  std::vector<std::string> unset = {};          // taken out of it
  std::string directory = {};                   // working directory; empty: ours
  int stdin_fd = -1;                            // borrowed descriptors instead of our own pipes;
  int stdout_fd = -1;                           // what goes there is not in `out` and `err`
  int stderr_fd = -1;
  bool own_group = true;  // so that a Ctrl-C at the test does not reach it
  std::chrono::milliseconds limit = std::chrono::seconds(60);  // then it and all below are killed
};

struct Outcome {
  int exit_code = -1;  // -1 when it was ended by a signal
  int signal = 0;
  bool timed_out = false;
  std::string out, err;
  double seconds = 0;  // from start to end of the process, not of its pipes
  double user_seconds = 0, system_seconds = 0;  // of the process and the children it waited for
};

/// A program in the background. Its two outputs are collected by a thread as they come.
class Process {
 public:
  explicit Process(std::vector<std::string> argv, LaunchOptions options = {});
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();  // kills it and all below if it still runs

  [[nodiscard]] pid_t pid() const;
  void signal(int number) const;
  /// Both outputs so far.
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;
  /// True as soon as the text is there; false when the limit passed or the output ended without it.
  [[nodiscard]] bool wait_for_out(std::string_view text,
                                  std::chrono::milliseconds limit = std::chrono::seconds(20));
  [[nodiscard]] bool wait_for_err(std::string_view text,
                                  std::chrono::milliseconds limit = std::chrono::seconds(20));
  /// Until it has ended. The pipes are given `pipe_limit` longer, since a grandchild may hold them.
  const Outcome& wait(std::chrono::milliseconds pipe_limit = std::chrono::seconds(5));
  [[nodiscard]] bool has_ended() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Outcome run_program(std::vector<std::string> argv, LaunchOptions options = {});
/// `toolkit ARGS…`; the state directory is one of this test program alone unless `env` says
/// otherwise.
[[nodiscard]] Outcome run_toolkit(std::vector<std::string> args, LaunchOptions options = {});
[[nodiscard]] Process start_toolkit(std::vector<std::string> args, LaunchOptions options = {});
/// The state directory that run_toolkit uses.
[[nodiscard]] std::string state_dir();

/// {fixture_path(), "exit", "3"} in one call, for use behind "--".
template <typename... Words>
[[nodiscard]] std::vector<std::string> fixture(Words... words) {
  return {fixture_path(), std::string(words)...};
}
/// Two lists one after the other: options and child.
[[nodiscard]] std::vector<std::string> operator+(std::vector<std::string> left,
                                                 const std::vector<std::string>& right);

}  // namespace toolkit::support
