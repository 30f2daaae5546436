#include "local_copy.hpp"
#include "local_draft.hpp"
#include "local_store.hpp"
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
  auto fd = open_at(directory, name, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd && fd.error() == ENOENT && offset == 0) {
    fd = open_at(directory, name, O_WRONLY | O_CREAT | O_EXCL,
                 target.mode == 0 ? 0666 : target.mode & 07777U);
    grown.is_new = true;
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

Failure fail_append(const std::string& path, int error) {
  return fail_local("cannot append to", path, error, Access::write);
}

}  // namespace

Result<void> LocalStore::append(const Target& target, std::uint64_t offset, Content& content,
                                Flow& flow, std::string& memo) {
  memo.clear();  // what is there says it all
  const std::string path = name_of(target.key);
  const auto directory = offset == 0 ? directory_for(target.key) : tree_.parent_of(target.key);
  if (!directory) {
    return fail_append(path, directory.error());
  }
  const auto grown = open_to_grow(directory->get(), last_of(target.key), target, offset);
  if (!grown) {
    return fail_append(path, grown.error());
  }
  const int fd = grown->fd.get();
  const std::int64_t length = length_of(fd);
  if (length != static_cast<std::int64_t>(offset) || target.size < offset) {
    return changed(path, length, offset);
  }
  LocalCopy copy(content, fd, path, flow);
  auto copied = copy.run(offset, target.size);
  // What has arrived stays, also of a copy that was ended: that it is on disk is worth knowing.
  const int error = sync_data(fd);
  TRY(std::move(copied));
  if (error != 0) {
    return fail_append(path, error);
  }
  const std::int64_t result = length_of(fd);
  if (result != static_cast<std::int64_t>(target.size)) {  // somebody else writes there, too
    return changed(path, result, target.size);
  }
  set_attributes(fd, grown->is_new ? target.mode : 0, target.mtime);
  if (grown->is_new) {
    sync_directory(directory->get());
  }
  return {};
}

}  // namespace toolkit::store
