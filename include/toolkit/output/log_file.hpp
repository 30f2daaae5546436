#pragma once
// The log file: a background thread that appends, rotates, and survives a full disk. Whoever puts
// bytes in is never blocked by the disk: the queue is bounded, and while the file is broken what
// comes is dropped and counted. What follows dropped bytes begins on a fresh line.

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/duration.hpp>
#include <toolkit/base/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace toolkit::output {

struct LogFileOptions {
  std::string path;
  ByteSize maximum_size{0};     // rotate before a line would pass it; 0 never
  Milliseconds maximum_age{0};  // rotate when the file is older; 0 never
  int keep = 5;                 // FILE.1 … FILE.keep
  /// All generations together, the current one included; 0 unlimited. Without maximum_size the file
  /// is rotated at an equal share of it.
  ByteSize maximum_total{0};
  Milliseconds retry{1000};  // how often a failed file is tried again, and a removed one noticed
};

struct LogFileStats {
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_dropped = 0;
  std::uint64_t rotations = 0;
  int last_errno = 0;      // 0 while the file takes bytes
  int rotation_errno = 0;  // why the file could not be rotated, though it takes bytes
};

class LogFile {
 public:
  /// Appends bytes to `out` until it holds `limit` of them, give or take a line.
  using Maker = std::function<void(std::string& out, std::size_t limit)>;
  enum class WhenFull : std::uint8_t { leave, drop };

  /// Opens (O_APPEND, created 0644, parents made) so that an unwritable path is an error at start.
  [[nodiscard]] static Result<std::unique_ptr<LogFile>> open(LogFileOptions options);
  LogFile() = default;
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  virtual ~LogFile() = default;

  /// Room in the queue, bytes. put() of at most this much always succeeds at once.
  [[nodiscard]] virtual std::size_t room() const = 0;
  /// Queues whole lines or parts of them. What exceeds room() is dropped and counted.
  virtual void put(std::string_view bytes) = 0;
  /// The same without a copy: `make` writes into the queue. When that is full it is not called, or,
  /// with WhenFull::drop and while the file is broken, what it makes is dropped and counted.
  virtual void append(const Maker& make, WhenFull when_full) = 0;
  /// Starts the thread, if there is something for it. Until then bytes stay in the queue, and
  /// flush() writes them itself: a run of some milliseconds does not pay for a thread. put() starts
  /// it too, once the queue holds more than a few lines.
  virtual void start() = 0;
  [[nodiscard]] virtual bool started() const = 0;
  /// An eventfd that becomes readable when room returned after there was none, or when the file's
  /// health changed; -1 before the thread. Borrowed; clear it with acknowledge().
  [[nodiscard]] virtual int event_fd() const = 0;
  virtual void acknowledge() = 0;
  /// Closes and opens the path again (after SIGHUP: somebody else rotated it).
  virtual void reopen() = 0;
  /// Waits until all that was put is written, `limit` passed, or the file refused it once more;
  /// then what is left is dropped. Written means in the kernel: nothing is fsynced, as nobody's
  /// `tee` does.
  virtual void flush(Milliseconds limit) = 0;
  [[nodiscard]] virtual LogFileStats stats() const = 0;
  [[nodiscard]] virtual const std::string& path() const = 0;
};

}  // namespace toolkit::output
