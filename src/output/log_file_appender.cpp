#include "log_file_appender.hpp"

#include "rotation.hpp"

#include <toolkit/base/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace toolkit::output {
namespace {

// The total holds the current file and all generations, so each may have its share.
std::uint64_t rotation_limit(const LogFileOptions& options) {
  const std::uint64_t total = options.maximum_total.bytes;
  if (total == 0) {
    return options.maximum_size.bytes;
  }
  if (options.maximum_size.bytes == 0) {
    return std::max<std::uint64_t>(
        1, total / static_cast<std::uint64_t>(std::max(options.keep, 0) + 1));
  }
  return std::min(options.maximum_size.bytes, total);
}

int open_for_appending(const std::string& path, UniqueFd& fd) {
  // O_NONBLOCK so that a FIFO without reader is an error and not a hang; it means nothing to a
  // file.
  auto opened = try_open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY);
  if (!opened) {
    return opened.error();
  }
  fd = std::move(*opened);
  return 0;
}

// /dev/stdout may be a file, but its name is not ours to rotate. /dev/shm is a file system like any
// other, and the one where a log that nobody rotates takes memory.
bool leads_elsewhere(std::string_view path) {
  return (path.starts_with("/dev/") && !path.starts_with("/dev/shm/")) ||
         path.starts_with("/proc/");
}

void make_parents(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0) {
    (void)make_directories(path.substr(0, slash));  // the next open says what is wrong
  }
}

// The file's birth where the file system keeps it (statx(2)), else now: an age never counts twice.
WallTime birth_of(int fd) {
  struct statx status {};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &status) != 0 ||
      (status.stx_mask & STATX_BTIME) == 0) {
    return std::chrono::system_clock::now();
  }
  return WallTime(std::chrono::seconds(status.stx_btime.tv_sec));
}

}  // namespace

Appender::Appender(LogFileOptions options)
    : options_(std::move(options)), limit_(rotation_limit(options_)) {}

int Appender::open() {
  int error = open_for_appending(options_.path, fd_);
  if (error == ENOENT) {
    make_parents(options_.path);
    error = open_for_appending(options_.path, fd_);
  }
  if (error != 0) {
    return error;
  }
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) {
    return errno;
  }
  if (!S_ISREG(status.st_mode)) {
    ::fcntl(fd_.get(), F_SETFL, O_APPEND);  // writes may wait; that is what the thread is for
  }
  adopt(status);
  return 0;
}

// Another file than before: it ends as it ends, and does not have the beginning of our current
// line.
void Appender::adopt(const struct stat& status) {
  regular_ = S_ISREG(status.st_mode) && !leads_elsewhere(options_.path);
  size_ = regular_ ? static_cast<std::uint64_t>(status.st_size) : 0;
  next_look_ = std::chrono::steady_clock::now() + options_.retry;
  if (status.st_dev == device_ && status.st_ino == inode_) {
    return;
  }
  device_ = status.st_dev;
  inode_ = status.st_ino;
  skipping_ = mid_line_;
  mid_line_ = false;
  torn_ = last_line_is_torn();
  born_ = options_.maximum_age.count() > 0 && size_ > 0 ? birth_of(fd_.get())
                                                        : std::chrono::system_clock::now();
}

bool Appender::last_line_is_torn() const {
  if (!regular_ || size_ == 0) {
    return false;
  }
  const UniqueFd reader(::open(options_.path.c_str(), O_RDONLY | O_CLOEXEC));
  char last = '\n';
  return reader && ::pread(reader.get(), &last, 1, static_cast<off_t>(size_ - 1)) == 1 &&
         last != '\n';
}

int Appender::look_at_path(SteadyTime now) {
  if (!fd_) {
    return open();
  }
  if (!regular_ || now < next_look_) {
    return 0;
  }
  next_look_ = now + options_.retry;
  struct stat status {};
  if (::stat(options_.path.c_str(), &status) == 0 && status.st_dev == device_ &&
      status.st_ino == inode_) {
    size_ = static_cast<std::uint64_t>(status.st_size);
    return 0;
  }
  return open();
}

int Appender::complete_torn_line() {
  if (!torn_) {
    return 0;
  }
  const Outcome outcome = write_piece("\n");
  torn_ = outcome.error != 0;
  mid_line_ = false;
  return outcome.error;
}

std::size_t Appender::skip_to_line_start(std::string_view bytes) {
  if (!skipping_) {
    return 0;
  }
  const std::size_t newline = bytes.find('\n');
  skipping_ = newline == std::string_view::npos;
  const std::size_t skipped = skipping_ ? bytes.size() : newline + 1;
  counts_.bytes_dropped += skipped;
  return skipped;
}

Appender::Outcome Appender::append(std::string_view bytes) {
  const SteadyTime now = std::chrono::steady_clock::now();
  Outcome outcome;
  outcome.error = look_at_path(now);
  if (outcome.error == 0) {
    outcome.error = complete_torn_line();
  }
  if (outcome.error == 0) {
    outcome.taken = skip_to_line_start(bytes);
  }
  while (outcome.error == 0 && outcome.taken < bytes.size()) {
    const std::size_t length = piece(bytes.substr(outcome.taken), aged(now));
    if (length == 0) {
      outcome.error = rotate(now);
      continue;
    }
    const Outcome part = write_piece(bytes.substr(outcome.taken, length));
    outcome.taken += part.taken;
    outcome.error = part.error;
  }
  return outcome;
}

bool Appender::aged(SteadyTime now) const {
  return options_.maximum_age.count() > 0 && regular_ && size_ > 0 && now >= rotate_not_before_ &&
         std::chrono::system_clock::now() - born_ >= options_.maximum_age;
}

// How much of `bytes` belongs into this file: whole lines up to the limit, and always the rest of a
// line that has begun. 0: none, rotate first.
std::size_t Appender::piece(std::string_view bytes, bool aged) const {
  const bool limited =
      limit_ > 0 && regular_ && rotate_not_before_ <= std::chrono::steady_clock::now();
  if (!aged && !limited) {
    return bytes.size();
  }
  const std::uint64_t room = aged ? 0 : limit_ - std::min(limit_, size_);
  if (!aged && bytes.size() <= room) {
    return bytes.size();
  }
  const std::size_t last =
      room == 0 ? std::string_view::npos : bytes.rfind('\n', static_cast<std::size_t>(room) - 1);
  if (last != std::string_view::npos) {
    return last + 1;
  }
  if (!mid_line_ && size_ > 0) {
    return 0;
  }
  const std::size_t newline = bytes.find('\n');
  return newline == std::string_view::npos ? bytes.size() : newline + 1;
}

int Appender::rotate(SteadyTime now) {
  counts_.rotation_errno = shift_generations(options_.path, options_.keep);
  if (counts_.rotation_errno != 0) {
    rotate_not_before_ = now + options_.retry;
    return 0;  // a file that is too long is better than none
  }
  ++counts_.rotations;
  fd_.close();
  if (options_.maximum_total.bytes > 0) {
    trim_generations(options_.path, options_.keep,
                     options_.maximum_total.bytes - std::min(limit_, options_.maximum_total.bytes));
  }
  return open();
}

Appender::Outcome Appender::write_piece(std::string_view bytes) {
  Outcome outcome;
  while (outcome.taken < bytes.size()) {
    const ssize_t count =
        ::write(fd_.get(), bytes.data() + outcome.taken, bytes.size() - outcome.taken);
    if (count > 0) {
      outcome.taken += static_cast<std::size_t>(count);
      mid_line_ = bytes[outcome.taken - 1] != '\n';
    } else if (count < 0 && errno != EINTR) {
      outcome.error = errno;
      break;
    }
  }
  size_ += outcome.taken;
  counts_.bytes_written += outcome.taken;
  return outcome;
}

void Appender::lose(std::string_view bytes) {
  if (!bytes.empty()) {
    counts_.bytes_dropped += bytes.size();
    torn_ = torn_ || mid_line_;
    mid_line_ = false;
    skipping_ = bytes.back() != '\n';
  }
}

void Appender::counts(LogFileStats& stats) const {
  stats.bytes_written = counts_.bytes_written;
  stats.rotations = counts_.rotations;
  stats.rotation_errno = counts_.rotation_errno;
  stats.bytes_dropped = counts_.bytes_dropped;
}

}  // namespace toolkit::output
