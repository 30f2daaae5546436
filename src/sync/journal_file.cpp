#include "journal_file.hpp"

#include <toolkit/base/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::sync {
namespace {

constexpr const char* kRemedy = "--journal DIR with a directory that this process can write to";

// 0 where it is ours, and where the file system knows no locks: the claim of the destination is
// there to keep two syncs apart, this one keeps a journal readable.
int lock(int fd) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  while (::fcntl(fd, F_OFD_SETLK, &whole) != 0) {
    if (errno != EINTR) {
      return errno == EAGAIN || errno == EACCES ? EAGAIN : 0;
    }
  }
  return 0;
}

bool has_name(int fd, const std::string& path) {
  struct stat held {
  }, named{};
  return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

}  // namespace

Result<UniqueFd> open_journal_file(const std::string& path) {
  const std::string directory = path.substr(0, path.rfind('/') + 1);
  if (!directory.empty()) {
    auto made = make_directories(directory.substr(0, directory.size() - 1), 0700);
    if (!made) {
      made.error().remedy = kRemedy;
      return Failure(std::move(made).error());
    }
  }
  while (true) {
    auto fd = open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (!fd) {
      fd.error().remedy = kRemedy;
      return fd;
    }
    if (lock(fd->get()) != 0) {
      return fail(ErrorKind::conflict, "the journal " + path + " is in use by another sync",
                  "let that one end, or give each its own --journal DIR");
    }
    if (has_name(fd->get(), path)) {  // and has not just been replaced by who had it
      return fd;
    }
  }
}

tl::expected<UniqueFd, int> replace_journal_file(const std::string& path, std::string_view bytes) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());  // only who holds the lock comes here
  auto fd = try_open(beside, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (!fd) {
    return fd;
  }
  int error = lock(fd->get());
  error = error == 0 ? write_at(fd->get(), 0, bytes) : error;
  if (error == 0 && ::fsync(fd->get()) != 0 && errno != EINVAL) {
    error = errno;
  }
  if (error == 0 && ::rename(beside.c_str(), path.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    ::unlink(beside.c_str());
    return tl::unexpected(error);
  }
  return fd;
}

int write_at(int fd, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno != EINTR) {
      return errno;
    }
    const auto done = static_cast<std::size_t>(count < 0 ? 0 : count);
    offset += done;
    bytes.remove_prefix(done);
  }
  return 0;
}

}  // namespace toolkit::sync
