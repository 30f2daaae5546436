#include "follower.hpp"

#include <toolkit/base/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::probe {
namespace {

constexpr std::size_t kLongestLine = 64 << 10;

// Gives away the whole lines of `bytes` and keeps what is left. True when the taker stops.
bool give_lines(std::string& bytes, const Follower::Taker& take) {
  std::size_t from = 0;
  bool stopped = false;
  while (!stopped) {
    const auto end = bytes.find('\n', from);
    if (end == std::string::npos && bytes.size() - from < kLongestLine) {
      break;
    }
    const bool cut = end == std::string::npos || end - from > kLongestLine;
    std::string_view line(bytes);
    line = line.substr(from, cut ? kLongestLine : end - from);
    from += line.size() + (cut ? 0 : 1);
    if (!cut && line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    stopped = take(line, !cut);
  }
  bytes.erase(0, from);
  return stopped;
}

}  // namespace

tl::expected<bool, int> Follower::read(const Taker& take, SteadyTime until) {
  more_ = false;
  if (!current_) {
    if (const int error = open_current(); error != 0) {
      return tl::unexpected(error);
    }
  }
  from_end_ = false;
  for (std::optional<Open>* file : {&previous_, &current_}) {
    const auto stopped = *file ? read_to_end(**file, take, until) : false;
    if (!stopped || *stopped) {
      return stopped;
    }
  }
  if (more_ || !was_replaced()) {
    return false;
  }
  // What was written between our last read and the rename comes with the next one, as does the
  // whole of the new file.
  std::optional<Open> old = std::exchange(current_, std::nullopt);
  if (open_current() == 0) {
    previous_ = std::move(old);
    more_ = true;
  } else {
    current_ = std::move(old);
  }
  return false;
}

std::uint64_t Follower::bytes_read() const {
  return current_ ? static_cast<std::uint64_t>(current_->offset) : 0;
}

int Follower::open_current() {
  auto fd = try_open(path_, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  if (!fd) {
    from_end_ = from_end_ && fd.error() != ENOENT;
    return fd.error();
  }
  if (::fstat(fd->get(), &status) != 0) {
    return errno;
  }
  if (!S_ISREG(status.st_mode)) {
    return S_ISDIR(status.st_mode) ? EISDIR : ESPIPE;
  }
  current_ = Open{std::move(*fd), status.st_dev, status.st_ino, from_end_ ? status.st_size : 0, {}};
  return 0;
}

// Error: the errno of fstat(2).
int Follower::forget_truncated(Open& file) {
  struct stat status {};
  if (::fstat(file.fd.get(), &status) != 0) {
    return errno;
  }
  if (status.st_size < file.offset) {
    file.offset = 0;
    file.rest.clear();
  }
  return 0;
}

bool Follower::was_replaced() const {
  struct stat status {};
  return ::stat(path_.c_str(), &status) == 0 &&
         (status.st_dev != current_->device || status.st_ino != current_->inode);
}

tl::expected<bool, int> Follower::read_to_end(Open& file, const Taker& take, SteadyTime until) {
  if (const int error = forget_truncated(file); error != 0) {
    return tl::unexpected(error);
  }
  std::string buffer(kLongestLine, '\0');
  while (true) {
    const ssize_t count = ::pread(file.fd.get(), buffer.data(), buffer.size(), file.offset);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return tl::unexpected(errno);
    }
    if (count == 0) {
      return !file.rest.empty() && take(file.rest, false);
    }
    file.offset += count;
    file.rest.append(buffer.data(), static_cast<std::size_t>(count));
    if (give_lines(file.rest, take)) {
      return true;
    }
    if (std::chrono::steady_clock::now() >= until) {
      more_ = true;
      return false;
    }
  }
}

}  // namespace toolkit::probe
