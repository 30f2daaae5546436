#pragma once
// The log file: a background thread that appends, rotates, and survives a full disk. Whoever puts bytes
// in is never blocked by the disk: the queue is bounded, and what does not fit within the stall limit
// is dropped and counted.

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/duration.hpp>
#include <toolkit/base/result.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace toolkit::output {

struct LogFileOptions {
  std::string path;
  ByteSize maximum_size{0};        // rotate before a line would pass it; 0 never
  Milliseconds maximum_age{0};     // rotate when the file is older; 0 never
  int keep = 5;                    // FILE.1 … FILE.keep
  ByteSize maximum_total{0};       // all generations together; 0 unlimited
  Milliseconds retry{1000};        // how often a failed file is tried again
};

struct LogFileStats {
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_dropped = 0;
  std::uint64_t rotations = 0;
  int last_errno = 0;              // 0 while the file takes bytes
};

class LogFile {
 public:
  /// Opens (O_APPEND, created 0644, parents made) so that an unwritable path is an error at start.
  [[nodiscard]] static Result<std::unique_ptr<LogFile>> open(LogFileOptions options);
  virtual ~LogFile() = default;

  /// Room in the queue, bytes. put() of at most this much always succeeds at once.
  [[nodiscard]] virtual std::size_t room() const = 0;
  /// Queues whole lines or parts of them; starts the thread on first use. What exceeds room() is dropped
  /// and counted.
  virtual void put(std::string_view bytes) = 0;
  /// An eventfd that becomes readable when room returned after room() was small, or when the file's
  /// health changed. Borrowed; clear it with acknowledge().
  [[nodiscard]] virtual int event_fd() const = 0;
  virtual void acknowledge() = 0;
  /// Closes and opens the path again (after SIGHUP: somebody else rotated it).
  virtual void reopen() = 0;
  /// Waits until all that was put is written or `limit` passed, then fdatasync if there is time left.
  virtual void flush(Milliseconds limit) = 0;
  [[nodiscard]] virtual LogFileStats stats() const = 0;
  [[nodiscard]] virtual const std::string& path() const = 0;
};

}  // namespace toolkit::output
