#include "byte_source.hpp"

#include <toolkit/base/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace toolkit::gpu {

std::size_t MemoryBytes::read(std::uint64_t offset, std::span<char> into) const {
  if (offset >= bytes_.size()) {
    return 0;
  }
  const std::string_view part = bytes_.substr(offset, into.size());
  std::memcpy(into.data(), part.data(), part.size());
  return part.size();
}

tl::expected<FileBytes, int> FileBytes::open(const std::string& path) {
  // Non-blocking: a FIFO in a tree of somebody else's must not hold us.
  tl::expected<UniqueFd, int> fd = try_open(path, O_RDONLY | O_NONBLOCK);
  if (!fd) {
    return tl::unexpected(fd.error());
  }
  struct stat status {};
  if (fstat(fd->get(), &status) != 0) {
    return tl::unexpected(errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return tl::unexpected(EINVAL);
  }
  FileBytes bytes;
  bytes.fd_ = *std::move(fd);
  bytes.size_ = static_cast<std::uint64_t>(status.st_size);
  // We hop from header to header; what lies between is not wanted.
  posix_fadvise(bytes.fd_.get(), 0, 0, POSIX_FADV_RANDOM);
  return bytes;
}

std::size_t FileBytes::read(std::uint64_t offset, std::span<char> into) const {
  std::size_t done = 0;
  while (done < into.size() && offset + done < size_) {
    const ssize_t got =
        pread(fd_.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

std::string_view Window::at(std::uint64_t offset, std::size_t length) {
  length = std::min(length, kPage);
  if (offset >= source_.size()) {
    return {};
  }
  if (offset < begin_ || offset + length > end_) {
    begin_ = offset / kPage * kPage;
    const std::size_t wanted = offset + length > begin_ + kPage ? 2 * kPage : kPage;
    const std::size_t got = source_.read(begin_, std::span(buffer_).first(wanted));
    bytes_read_ += got;
    end_ = begin_ + got;
  }
  if (offset >= end_) {
    return {};
  }
  return std::string_view(buffer_.data(), end_ - begin_).substr(offset - begin_, length);
}

std::string_view Window::exactly(std::uint64_t offset, std::size_t length) {
  const std::string_view bytes = at(offset, length);
  return bytes.size() == length ? bytes : std::string_view();
}

}  // namespace toolkit::gpu
