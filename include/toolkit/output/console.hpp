#pragma once
// The container's own stdout or stderr as a destination that cannot hurt training: never blocks, never
// raises SIGPIPE, gives up on a reader that has taken nothing for the stall limit, and resumes when it
// reads again.

#include <toolkit/base/duration.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace toolkit::output {

class Console {
 public:
  /// Borrows `fd` (1 or 2). A pipe, FIFO or terminal is opened again through /proc/self/fd so that
  /// O_NONBLOCK is ours alone; where that is refused (another uid's pipe), poll and writes of at most
  /// PIPE_BUF bytes do the same; sockets use MSG_DONTWAIT; files and /dev/null are written directly.
  Console(int fd, Milliseconds stall_limit);

  /// Writes what can be written now and keeps the rest (pending()) for writable(). While `blocked` for
  /// longer than the limit, or closed, bytes are dropped and counted.
  void write(std::string_view bytes, SteadyTime now);
  /// Call when poll says that poll_fd() takes bytes, or when deadline() has passed.
  void advance(SteadyTime now);
  [[nodiscard]] bool pending() const { return !pending_.empty(); }
  /// What to poll for POLLOUT while pending() or stalled(); -1 when there is nothing to wait for.
  [[nodiscard]] int poll_fd() const;
  [[nodiscard]] SteadyTime deadline() const;  // when pending bytes are given up; max() for never
  [[nodiscard]] bool stalled() const { return stalled_; }
  [[nodiscard]] std::uint64_t bytes_written() const { return written_; }
  [[nodiscard]] std::uint64_t bytes_dropped() const { return dropped_; }

 private:
  int fd_;
  UniqueFd reopened_;
  Milliseconds stall_limit_;
  std::string pending_;
  SteadyTime blocked_since_{};
  bool stalled_ = false;
  std::uint64_t written_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace toolkit::output
