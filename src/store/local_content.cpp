#include "local_content.hpp"

#include "local_words.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::store {

Entry entry_of(std::string name, const struct stat& status) {
  Entry entry;
  entry.name = std::move(name);
  entry.kind = S_ISREG(status.st_mode)   ? Kind::file
               : S_ISDIR(status.st_mode) ? Kind::directory
               : S_ISLNK(status.st_mode) ? Kind::symlink
                                         : Kind::other;
  entry.size = static_cast<std::uint64_t>(status.st_size);
  entry.mtime = status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec;
  entry.identity = {status.st_dev, status.st_ino};
  entry.mode = status.st_mode & 07777U;
  entry.uid = status.st_uid;
  entry.gid = status.st_gid;
  return entry;
}

Result<std::size_t> LocalContent::read(std::uint64_t offset, std::span<char> into) {
  while (true) {
    const ssize_t count = ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset));
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) {
      return fail_local("cannot read", path_, errno, Access::read);
    }
  }
}

Result<Entry> LocalContent::stat() {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) {
    return fail_local("cannot read", path_, errno, Access::read);
  }
  entry_ = entry_of(std::move(entry_.name), status);
  return entry_;
}

}  // namespace toolkit::store
