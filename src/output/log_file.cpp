#include "log_writer.hpp"

#include <toolkit/output/log_file.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <utility>

namespace toolkit::output {
namespace {

constexpr std::size_t kQueue = 192 << 10;  // two of these exist while bytes flow
constexpr std::size_t kReserve =
    32 << 10;  // above that, for the tool's own lines and the last batch's end
constexpr std::size_t kStartAt = 4 << 10;
constexpr std::size_t kWakeNapping = 32 << 10;
constexpr std::size_t kDropPiece = 16 << 10;
constexpr Milliseconds kLastFlush{2'000};

// The path is opened again for as long as the log lives, wherever the process stands by then.
LogFileOptions with_absolute_path(LogFileOptions options) {
  if (!options.path.empty() && options.path.front() != '/') {
    char here[PATH_MAX];
    options.path =
        std::string(::getcwd(here, sizeof here) != nullptr ? here : ".") + "/" + options.path;
  }
  return options;
}

class ThreadedLogFile final : public LogFile {
 public:
  explicit ThreadedLogFile(LogFileOptions options)
      : path_(options.path),
        retry_(options.retry),
        appender_(with_absolute_path(std::move(options))) {}
  ~ThreadedLogFile() override;
  [[nodiscard]] int prepare() {
    const int error = appender_.open();
    writer_ = std::make_unique<LogWriter>(queue_, std::move(appender_), retry_);
    return error;
  }

  [[nodiscard]] std::size_t room() const override;
  void put(std::string_view bytes) override;
  void append(const Maker& make, WhenFull when_full) override;
  void start() override;
  [[nodiscard]] bool started() const override { return !writer_; }
  [[nodiscard]] int event_fd() const override { return started() ? queue_->event.get() : -1; }
  void acknowledge() override;
  void reopen() override;
  void flush(Milliseconds limit) override;
  [[nodiscard]] LogFileStats stats() const override;
  [[nodiscard]] const std::string& path() const override { return path_; }

 private:
  [[nodiscard]] std::size_t room_locked() const;
  void drop(const Maker& make);
  void admit_after_gap(std::string_view bytes);
  void count_dropped(std::string_view bytes);
  void pass_on(std::unique_lock<std::mutex> lock);

  std::string path_;
  Milliseconds retry_;
  Appender appender_;
  std::shared_ptr<LogQueue> queue_ = std::make_shared<LogQueue>();
  std::unique_ptr<LogWriter> writer_;  // until the thread has it
  std::string scratch_;                // for what is dropped, and for what follows it
  bool gap_ = false;                   // bytes were dropped since the last that were queued
  bool gap_mid_line_ = false;          // and they did not end a line
  bool queued_mid_line_ = false;       // what was queued last did not end a line
};

ThreadedLogFile::~ThreadedLogFile() {
  if (!started()) {
    writer_->write_inline();
    return;
  }
  std::unique_lock lock(queue_->mutex);
  queue_->stop = true;
  queue_->work.notify_one();
  // A thread that does not come back keeps its queue alive by itself.
  queue_->done.wait_for(lock, kLastFlush, [&] { return queue_->finished; });
}

std::size_t ThreadedLogFile::room_locked() const {
  if (queue_->stats.last_errno != 0) {
    return kQueue;  // is dropped at once, which holds nobody up
  }
  return kQueue - std::min(kQueue, queue_->front.size());
}

std::size_t ThreadedLogFile::room() const {
  const std::lock_guard lock(queue_->mutex);
  return room_locked();
}

void ThreadedLogFile::put(std::string_view bytes) {
  std::unique_lock lock(queue_->mutex);
  if (queue_->stats.last_errno != 0 || queue_->front.size() + bytes.size() > kQueue + kReserve) {
    count_dropped(bytes);
  } else {
    admit_after_gap(bytes);
  }
  pass_on(std::move(lock));
}

void ThreadedLogFile::append(const Maker& make, WhenFull when_full) {
  std::unique_lock lock(queue_->mutex);
  if (queue_->stats.last_errno != 0) {
    drop(make);
  } else if (room_locked() == 0) {
    queue_->room_wanted = true;
    if (when_full == WhenFull::drop) {
      drop(make);
    }
  } else if (gap_) {
    scratch_.clear();
    make(scratch_, std::min(kDropPiece, room_locked()));
    admit_after_gap(scratch_);
  } else {
    if (started()) {
      queue_->front.reserve(kQueue + kReserve);
    }
    make(queue_->front, kQueue);
    queued_mid_line_ = !queue_->front.empty() && queue_->front.back() != '\n';
    queue_->room_wanted = room_locked() == 0;
  }
  pass_on(std::move(lock));
}

void ThreadedLogFile::drop(const Maker& make) {
  scratch_.clear();
  make(scratch_, kDropPiece);
  count_dropped(scratch_);
}

void ThreadedLogFile::count_dropped(std::string_view bytes) {
  if (!bytes.empty()) {
    queue_->dropped += bytes.size();
    gap_ = true;
    gap_mid_line_ = bytes.back() != '\n';
  }
}

// The rest of a line whose beginning is lost goes with it, and the line before the gap gets its
// end.
void ThreadedLogFile::admit_after_gap(std::string_view bytes) {
  if (gap_ && gap_mid_line_) {
    const std::size_t newline = bytes.find('\n');
    const std::size_t lost = newline == std::string_view::npos ? bytes.size() : newline + 1;
    count_dropped(bytes.substr(0, lost));
    bytes.remove_prefix(lost);
  }
  if (bytes.empty()) {
    return;
  }
  if (std::exchange(gap_, false) && queued_mid_line_) {
    queue_->front += '\n';
  }
  queue_->front += bytes;
  queued_mid_line_ = bytes.back() != '\n';
}

void ThreadedLogFile::pass_on(std::unique_lock<std::mutex> lock) {
  const std::size_t queued = queue_->front.size();
  if (!started()) {
    const bool due = queued >= kStartAt || queue_->stats.last_errno != 0;
    lock.unlock();
    if (due) {
      start();
    }
  } else if (queue_->sleeping ? queued > 0 : queue_->napping && queued >= kWakeNapping) {
    queue_->sleeping = queue_->napping = false;  // once is enough
    queue_->work.notify_one();
  }
}

// Where no thread can be had, as at a container's limit of processes, the caller writes.
void ThreadedLogFile::start() {
  if (started()) {
    return;
  }
  if (!queue_->event) {
    queue_->event = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  }
  if (!queue_->event || LogWriter::start(writer_) != 0) {
    writer_->write_inline();
  }
}

void ThreadedLogFile::acknowledge() {
  std::uint64_t count = 0;
  (void)!::read(queue_->event.get(), &count, sizeof count);
}

void ThreadedLogFile::reopen() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->reopen = true;
    queue_->work.notify_one();
  }
  start();
}

void ThreadedLogFile::flush(Milliseconds limit) {
  if (!started()) {
    writer_->write_inline();
    return;
  }
  std::unique_lock lock(queue_->mutex);
  if (queue_->front.empty() && !queue_->busy) {
    return;
  }
  queue_->flushing = true;
  queue_->work.notify_one();
  queue_->done.wait_for(lock, limit, [&] { return !queue_->flushing; });
}

LogFileStats ThreadedLogFile::stats() const {
  const std::lock_guard lock(queue_->mutex);
  LogFileStats stats = queue_->stats;
  stats.bytes_dropped += queue_->dropped;
  return stats;
}

}  // namespace

Result<std::unique_ptr<LogFile>> LogFile::open(LogFileOptions options) {
  const std::string path = options.path;
  auto log = std::make_unique<ThreadedLogFile>(std::move(options));
  if (const int error = log->prepare(); error != 0) {
    return fail_errno("cannot open log " + path, error,
                      "give a path in a directory that can be written to");
  }
  return log;
}

}  // namespace toolkit::output
