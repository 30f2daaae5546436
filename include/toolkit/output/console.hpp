#pragma once
// The container's own stdout or stderr as a destination that cannot hurt training: never blocks,
// never raises SIGPIPE, gives up on a reader that has taken nothing for the stall limit, and
// resumes when it reads again. SIGPIPE must be blocked or ignored in the process.

#include <toolkit/base/duration.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace toolkit::output {

class Console {
 public:
  /// Borrows `fd` (1 or 2). A pipe, FIFO or terminal is opened again through /proc/self/fd so that
  /// O_NONBLOCK is ours alone; where that is refused (another uid's pipe), poll and writes of at
  /// most PIPE_BUF bytes do the same; sockets use MSG_DONTWAIT; files and /dev/null are written
  /// directly.
  Console(int fd, Milliseconds stall_limit);

  /// Writes what can be written now and keeps the rest (pending()) for advance(). While `blocked`
  /// for longer than the limit, or closed, bytes are dropped and counted.
  void write(std::string_view bytes, SteadyTime now);
  /// Call when poll says that poll_fd() takes bytes, or when deadline() has passed.
  void advance(SteadyTime now);
  /// Drops what is pending, as when the stall limit has passed.
  void give_up();
  [[nodiscard]] bool pending() const { return pending_at_ < pending_.size(); }
  /// What to poll for POLLOUT while pending() or stalled(); -1 when there is nothing to wait for.
  [[nodiscard]] int poll_fd() const;
  [[nodiscard]] SteadyTime deadline() const;  // when pending bytes are given up; max() for never
  [[nodiscard]] bool stalled() const { return stalled_; }
  /// Why the last bytes were refused for another reason than a full pipe (EPIPE, ENOSPC, …); 0
  /// while bytes are taken.
  [[nodiscard]] int last_errno() const { return error_; }
  [[nodiscard]] std::uint64_t bytes_written() const { return written_; }
  [[nodiscard]] std::uint64_t bytes_dropped() const { return dropped_; }

 private:
  enum class Kind : std::uint8_t { unknown, direct, nonblocking, gated, socket };

  void find_kind();
  [[nodiscard]] int target() const { return reopened_ ? reopened_.get() : fd_; }
  [[nodiscard]] std::size_t push(std::string_view bytes);
  [[nodiscard]] std::ptrdiff_t write_once(std::string_view bytes) const;
  void refused(int error);
  void keep(std::string_view bytes, SteadyTime now);
  void forget_pending();
  void look_whether_it_takes_bytes_again();

  int fd_;
  UniqueFd reopened_;
  Milliseconds stall_limit_;
  Kind kind_ = Kind::unknown;  // until the first byte: a silent child pays for none of it
  std::size_t gate_ = 0;       // what a writable descriptor of kind gated takes without blocking
  std::string pending_;
  std::size_t pending_at_ = 0;
  SteadyTime blocked_since_{};
  bool stalled_ = false;
  bool closed_ = false;
  int error_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace toolkit::output
