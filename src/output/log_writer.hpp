#pragma once
// The thread behind a log file, and what it shares with the poll loop. Two buffers: `front` is
// filled by the loop, `back` belongs to the writer; they are swapped when the writer has nothing
// left.

#include "log_file_appender.hpp"

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/output/log_file.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

namespace toolkit::output {

struct LogQueue {
  std::mutex mutex;
  std::condition_variable work;  // for the writer
  std::condition_variable done;  // for flush()
  std::string front;
  bool sleeping = false;  // the writer wants to be told of new bytes
  bool napping = false;   // the writer looks by itself soon, unless there is much
  bool busy = false;      // the writer holds bytes
  bool stop = false;
  bool finished = false;  // the thread has let go of everything
  bool reopen = false;
  bool flushing = false;      // somebody waits: do not put off
  bool room_wanted = false;   // the loop found no room
  LogFileStats stats;         // as the appender counts
  std::uint64_t dropped = 0;  // what never reached the appender
  UniqueFd event;

  void signal_event() const;
};

class LogWriter {
 public:
  LogWriter(std::shared_ptr<LogQueue> queue, Appender appender, Milliseconds retry);

  /// Starts run() on a thread of its own, which owns the writer from then on. The errno, or 0; when
  /// it is not 0, `writer` is still there.
  [[nodiscard]] static int start(std::unique_ptr<LogWriter>& writer);
  /// Writes all there is once, in the caller's thread. For before the thread, or without it.
  void write_inline();

 private:
  using Lock = std::unique_lock<std::mutex>;

  void run();
  void wait_for_work(Lock& lock);
  void reopen(Lock& lock);
  void take_front();
  void write_back(Lock& lock);
  [[nodiscard]] Appender::Outcome append_back();
  void on_outcome(const Appender::Outcome& outcome);
  void set_health(int error);

  std::shared_ptr<LogQueue> queue_;
  Appender appender_;
  std::string back_;
  std::size_t back_at_ = 0;
  SteadyTime retry_at_{};
  bool nap_next_ = false;
  Milliseconds retry_{};
};

}  // namespace toolkit::output
