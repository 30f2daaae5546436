#include "local_tail.hpp"

#include "local_copy.hpp"
#include "local_draft.hpp"
#include "local_words.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::store {
namespace {

struct Grown {
  UniqueFd fd;
  bool is_new = false;
};

// Neither O_TRUNC nor O_APPEND: nothing is lost when it is not what we think, and every byte goes
// to the offset that it has in the source.
OrErrno<Grown> open_to_grow(int directory, const std::string& name, const Target& target,
                            std::uint64_t offset) {
  Grown grown;
  OrErrno<UniqueFd> fd = tl::unexpected(EEXIST);
  if (offset == 0) {
    fd = open_at(directory, name, O_WRONLY | O_CREAT | O_EXCL,
                 target.mode == 0 ? 0666 : target.mode & 07777U);
    grown.is_new = fd.has_value();
  }
  if (!fd && fd.error() == EEXIST) {
    fd = open_at(directory, name, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  }
  if (!fd) {
    return tl::unexpected(fd.error());
  }
  grown.fd = std::move(*fd);
  return grown;
}

int sync_data(int fd) {
  while (::fdatasync(fd) != 0) {
    if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) {
      return 0;  // what this is cannot be synced, fsync(2)
    }
    if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

// How long a regular file is; -1 for another kind of thing, and where it cannot be seen.
std::int64_t length_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : -1;
}

Failure changed(const std::string& path, std::int64_t length, std::uint64_t expected) {
  return fail(ErrorKind::conflict,
              length < 0 ? fmt::format("cannot append to {}: not a regular file", path)
                         : fmt::format("cannot append to {}: it is {} bytes long, and not {}", path,
                                       length, expected));
}

}  // namespace

Failure fail_append(const std::string& path, int error) {
  return fail_local("cannot append to", path, error, Access::write);
}

LocalTail::LocalTail(UniqueFd fd, bool is_new, std::string path, const Target& target,
                     std::uint64_t offset)
    : fd_(std::move(fd)),
      is_new_(is_new),
      path_(std::move(path)),
      offset_(offset),
      size_(target.size),
      mtime_(target.mtime),
      mode_(target.mode) {}

Result<LocalTail> LocalTail::open(int directory, const std::string& path, const Target& target,
                                  std::uint64_t offset) {
  auto grown = open_to_grow(directory, last_of(target.key), target, offset);
  if (!grown) {
    return fail_append(path, grown.error());
  }
  const std::int64_t length = grown->is_new ? 0 : length_of(grown->fd.get());
  if (length != static_cast<std::int64_t>(offset) || target.size < offset) {
    return changed(path, length, offset);
  }
  return LocalTail(std::move(grown->fd), grown->is_new, path, target, offset);
}

Result<void> LocalTail::write(Content& content, Flow& flow) {
  LocalCopy copy(content, fd_.get(), path_, flow);
  written_ = copy.run(offset_, size_);
  return written_;
}

Result<void> LocalTail::settle() const {
  const int error = sync_data(fd_.get());
  TRY(written_);
  if (error != 0) {
    return fail_append(path_, error);
  }
  const std::int64_t length = ::lseek(fd_.get(), 0, SEEK_END);  // half of what fstat(2) costs
  if (length != static_cast<std::int64_t>(size_)) {             // somebody else writes there, too
    return changed(path_, length, size_);
  }
  set_attributes(fd_.get(), is_new_ && !open_gives(mode_) ? mode_ : 0, mtime_);
  return {};
}

}  // namespace toolkit::store
