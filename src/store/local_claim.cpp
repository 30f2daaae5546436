#include "local_draft.hpp"
#include "local_store.hpp"
#include "local_words.hpp"

#include <toolkit/base/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::store {
namespace {

constexpr std::size_t kLimit = 1 << 20;  // of what is compared: these are small files

// Taken by whoever replaces the file of that name; the kernel gives it back at the close.
int lock(int fd) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  while (::fcntl(fd, F_OFD_SETLKW, &whole) != 0) {
    if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

bool has_name(int fd, int directory, const std::string& name) {
  struct stat held {
  }, named{};
  return ::fstat(fd, &held) == 0 &&
         ::fstatat(directory, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

// The file that has the name now, locked: who replaces it holds the lock of the one before, so that
// of two with the same old bytes the later finds other bytes.
OrErrno<UniqueFd> open_locked(int directory, const std::string& name) {
  while (true) {
    auto fd = open_at(directory, name, O_RDWR | O_NONBLOCK);
    const int error = fd ? lock(fd->get()) : fd.error();
    if (error != 0) {
      return tl::unexpected(error);
    }
    if (has_name(fd->get(), directory, name)) {
      return fd;
    }
  }
}

Failure is_there(const std::string& path) {
  return fail(ErrorKind::conflict, "cannot create " + path + ": it is there already");
}
Failure is_changed(const std::string& path) {
  return fail(ErrorKind::conflict, "cannot replace " + path + ": somebody else has changed it");
}

// A draft with these bytes, on disk.
OrErrno<LocalDraft> write_draft(const SharedFd& place, const std::string& name,
                                std::string_view bytes) {
  auto draft = LocalDraft::begin(place, name, 0);
  int error = draft ? write_all(draft->fd(), bytes) : draft.error();
  if (error == 0) {
    error = draft->sync();
  }
  return error == 0 ? std::move(draft) : tl::unexpected(error);
}

// Where there are no hard links (FAT, some FUSE mounts): the name first, and then the bytes.
int create_and_write(int directory, const std::string& name, std::string_view bytes) {
  const auto fd = open_at(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0666);
  const int error = fd ? write_all(fd->get(), bytes) : fd.error();
  return error == 0 && ::fsync(fd->get()) != 0 && errno != EINVAL ? errno : error;
}

bool holds(int directory, const std::string& name, std::string_view bytes) {
  const auto fd = open_at(directory, name, O_RDONLY | O_NONBLOCK);
  const auto there = fd ? read_all(fd->get(), kLimit) : tl::unexpected(fd.error());
  return there && *there == bytes;
}

}  // namespace

Result<void> LocalStore::create_exclusively(const std::string& key, std::string_view bytes) {
  auto directory = directory_for(key);
  if (!directory) {
    return cannot_write(key, directory.error());
  }
  const auto place = std::make_shared<const UniqueFd>(std::move(*directory));
  auto draft = write_draft(place, last_of(key), bytes);
  int error = draft ? draft->publish_exclusively() : draft.error();
  if (draft && (error == EPERM || error == EOPNOTSUPP || error == ENOSYS || error == EMLINK)) {
    error = create_and_write(place->get(), last_of(key), bytes);
    if (error == 0 && !holds(place->get(), last_of(key), bytes)) {
      error = EEXIST;  // O_EXCL does not mean on every mount what it says
    }
  }
  if (error != 0) {
    return error == EEXIST ? is_there(name_of(key)) : cannot_write(key, error);
  }
  sync_directory(place->get());
  return {};
}

Result<void> LocalStore::replace_if_same(const std::string& key, std::string_view old_bytes,
                                         std::string_view new_bytes) {
  auto directory = tree_.parent_of(key);
  if (!directory) {
    return cannot_write(key, directory.error());
  }
  const auto place = std::make_shared<const UniqueFd>(std::move(*directory));
  const auto held = open_locked(place->get(), last_of(key));
  if (!held) {
    return held.error() == ENOENT ? is_changed(name_of(key)) : cannot_write(key, held.error());
  }
  const auto bytes = read_all(held->get(), kLimit);
  if (!bytes || *bytes != old_bytes) {
    return bytes ? is_changed(name_of(key)) : cannot_read(key, bytes.error());
  }
  int error = 0;
  if (new_bytes.empty()) {
    error = ::unlinkat(place->get(), last_of(key).c_str(), 0) == 0 ? 0 : errno;
  } else {
    auto draft = write_draft(place, last_of(key), new_bytes);
    error = draft ? draft->publish() : draft.error();
  }
  if (error != 0) {
    return cannot_write(key, error);
  }
  sync_directory(place->get());
  return {};
}

}  // namespace toolkit::store
