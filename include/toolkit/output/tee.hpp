#pragma once
// The log path: takes what a child writes to its stdout and stderr, passes it to the container's
// stdout and stderr, and stamps it into the log file. Lives in the supervisor's poll loop: it says
// what to wait for, and acts on what poll found. Memory is constant whatever the child writes.

#include <toolkit/output/console.hpp>
#include <toolkit/output/log_file.hpp>
#include <toolkit/output/stamper.hpp>

#include <poll.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace toolkit::output {

enum class ConsoleMode : std::uint8_t { raw, prefixed, none };

struct TeeOptions {
  ConsoleMode console = ConsoleMode::raw;
  std::optional<LogFileOptions> log;
  StampOptions stamp;  // of the log file; a prefixed console is always in text format
  bool merge = false;  // stdout and stderr through one pipe: exact order, no telling apart
  Milliseconds stall_limit{5000};  // how long a blocked console or log may hold the child back
  std::size_t tail_bytes = 0;      // how much of each stream's end to keep for tail()
  int stdout_fd = 1;               // the container's; borrowed
  int stderr_fd = 2;
};

struct StreamStats {
  std::uint64_t bytes = 0;  // read from the child
  std::uint64_t lines = 0;
  std::uint64_t console_dropped = 0;
};

struct TeeStats {
  StreamStats out, err;
  LogFileStats log;
  bool output_open = false;  // a pipe was still held when close() ended it
};

class Tee {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Tee>> open(TeeOptions options);
  Tee() = default;
  Tee(const Tee&) = delete;
  Tee& operator=(const Tee&) = delete;
  virtual ~Tee() = default;

  /// New pipes for one attempt of the child (pipe size raised to 1 MiB where allowed, lower when
  /// the system's limit says so). After the spawn, close_child_ends().
  [[nodiscard]] virtual Result<void> open_pipes() = 0;
  /// The same with the master side of a pseudo terminal as the only source (stream out). Takes it
  /// over.
  virtual void attach_terminal(UniqueFd master) = 0;
  /// What the child gets as its fd 1 or 2. Borrowed.
  [[nodiscard]] virtual int child_end(Stream stream) const = 0;
  virtual void close_child_ends() = 0;

  /// Appends what to wait for now: sources while there is room behind them, blocked consoles, log
  /// events.
  virtual void collect(std::vector<pollfd>& entries) const = 0;
  [[nodiscard]] virtual SteadyTime next_deadline() const = 0;
  /// Acts on the entries that collect() appended (as poll filled them), and on deadlines that
  /// passed.
  virtual void dispatch(const pollfd* entries, std::size_t count, WallTime now,
                        SteadyTime steady) = 0;

  /// Whether somebody still holds a writing end.
  [[nodiscard]] virtual bool open_sources() const = 0;
  /// When the child last wrote something.
  [[nodiscard]] virtual SteadyTime last_output() const = 0;
  /// After the child's end: reads what is there until the pipes are empty (EAGAIN), without waiting
  /// for EOF. Waits for nothing: what a slow console or disk holds back is left for dispatch() and
  /// close().
  virtual void drain(WallTime now, SteadyTime steady) = 0;
  /// Drains, closes the sources, writes unfinished lines, flushes console and log within `limit`.
  /// Whatever the limit, readers get up to the stall limit for what would be lost with the pipes.
  /// Lines of the tool's own may follow, and another close() to flush them; pipes may be opened
  /// again for the next attempt.
  virtual void close(Milliseconds limit, WallTime now) = 0;

  /// A line of the tool's own into the log file (only there).
  virtual void note(Level level, std::string_view source, std::string_view words, WallTime now) = 0;
  /// Bytes of the tool's own for the container's stderr, in order behind what the child wrote
  /// there.
  virtual void say(std::string_view line, SteadyTime steady) = 0;
  virtual void reopen_log() = 0;
  /// The last tail_bytes of a stream.
  [[nodiscard]] virtual std::string tail(Stream stream) const = 0;
  [[nodiscard]] virtual TeeStats stats() const = 0;
  /// One line for each change of health since the last call ("log /x: no space left on device; …").
  /// The caller says and notes them: that is also how a log that was broken tells of its gap.
  [[nodiscard]] virtual std::vector<std::string> take_warnings() = 0;
};

}  // namespace toolkit::output
