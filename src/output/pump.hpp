#pragma once
// One of the child's streams as a source of bytes: the reading end of a pipe, or a terminal's
// master.

#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <poll.h>

#include <cstddef>
#include <cstdint>

namespace toolkit::output {

class Pump {
 public:
  enum class Found : std::uint8_t { bytes, nothing, end };

  /// A new pipe. Only our end is non-blocking.
  [[nodiscard]] Result<void> open_pipe();
  /// Makes the pipe as large as the system allows, up to 1 MiB. Not at the start: a child that says
  /// little needs it as little.
  void enlarge();
  void attach_terminal(UniqueFd master);
  void close();

  [[nodiscard]] bool is_open() const { return static_cast<bool>(source_); }
  [[nodiscard]] int fd() const { return source_.get(); }
  [[nodiscard]] int child_end() const { return child_end_.get(); }
  void close_child_end() { child_end_.close(); }
  /// What can lie in the pipe, at most.
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  /// What poll(2) says of our end: a pipe without bytes and without writers is at its end.
  [[nodiscard]] bool is_at_end(short events) const { return events == POLLHUP && !terminal_; }
  /// Reads once, never waiting. At the end the source is closed.
  [[nodiscard]] Found read(char* buffer, std::size_t size, std::size_t& count);

 private:
  UniqueFd source_;
  UniqueFd child_end_;
  bool terminal_ = false;
  std::size_t capacity_ = 0;
};

}  // namespace toolkit::output
