#include "local_copy.hpp"

#include "local_words.hpp"

#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::store {
namespace {

constexpr std::size_t kBuffer = 256 << 10;
// Below this a read and a write cost less than the set-up of a copy inside the kernel.
constexpr std::uint64_t kSmall = 64 << 10;

}  // namespace

LocalCopy::LocalCopy(Content& content, int out, const std::string& path, Flow& flow)
    : content_(content),
      out_(out),
      path_(path),
      flow_(flow),
      way_(content.descriptor() >= 0 ? Way::copy_range : Way::buffer) {}

Result<void> LocalCopy::run(std::uint64_t from, std::uint64_t to) {
  at_ = from;
  if (to - from <= kSmall) {
    way_ = Way::buffer;
  }
  while (at_ < to) {
    const std::uint64_t begin = at_;
    const std::uint64_t end = std::min(to, at_ + flow_.largest_piece());
    TRY(flow_.pass(static_cast<std::size_t>(end - begin)));
    if (auto moved = piece(end); !moved) {
      flow_.again(static_cast<std::size_t>(end - at_));  // these did not go out
      return moved;
    }
  }
  return {};
}

Result<void> LocalCopy::piece(std::uint64_t end) {
  while (at_ < end) {
    if (way_ == Way::buffer) {
      TRY(through_buffer(end));
    } else if (!in_kernel(end)) {
      // The next way finds out what it was: that this way does not lead there (EXDEV, EINVAL,
      // ENOSYS, a seccomp profile's EPERM), the end of the file, a full disk.
      way_ = way_ == Way::copy_range ? Way::send_file : Way::buffer;
    }
  }
  return {};
}

bool LocalCopy::in_kernel(std::uint64_t end) {
  off_t in = static_cast<off_t>(at_);
  off_t out = in;
  const auto count = static_cast<std::size_t>(end - at_);
  ssize_t moved = -1;
  do {
    moved = way_ == Way::copy_range
                ? ::copy_file_range(content_.descriptor(), &in, out_, &out, count, 0)
            : ::lseek(out_, out, SEEK_SET) == out
                ? ::sendfile(out_, content_.descriptor(), &in, count)
                : -1;
  } while (moved < 0 && errno == EINTR);
  at_ += static_cast<std::uint64_t>(std::max<ssize_t>(moved, 0));
  return moved > 0;
}

Result<void> LocalCopy::through_buffer(std::uint64_t end) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(end - at_, kBuffer));
  if (const std::string_view there = content_.in_memory(at_, wanted); !there.empty()) {
    return write(there);
  }
  if (room_ < wanted) {
    buffer_ = std::make_unique_for_overwrite<char[]>(wanted);
    room_ = wanted;
  }
  TRY_ASSIGN(const std::size_t count, content_.read(at_, {buffer_.get(), wanted}));
  if (count == 0) {
    return fail(ErrorKind::conflict,
                "cannot write " + path_ + ": the source became shorter while it was read");
  }
  return write({buffer_.get(), count});
}

Result<void> LocalCopy::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(out_, bytes.data(), bytes.size(), static_cast<off_t>(at_));
    if (wrote < 0 && errno != EINTR) {
      return fail_local("cannot write", path_, errno, Access::write);
    }
    const auto done = static_cast<std::size_t>(std::max<ssize_t>(wrote, 0));
    bytes.remove_prefix(done);
    at_ += done;
  }
  return {};
}

}  // namespace toolkit::store
