#include "journal_file.hpp"

#include <toolkit/base/file.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::sync {
namespace {

constexpr const char* kRemedy = "--state-dir DIR with a directory that this process can write to";

// The errno; once more by who has it changes nothing.
int try_lock(int fd) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  while (::fcntl(fd, F_OFD_SETLK, &whole) != 0) {
    if (errno != EINTR) {
      return errno;
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

// What another user can write may say that a file is safe that is not; and what has a second name
// is some other file of ours.
Result<void> check_ours(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) {
    return fail_errno("cannot read " + path, errno);
  }
  const bool ours = S_ISREG(status.st_mode) && status.st_uid == ::geteuid() &&
                    (status.st_mode & (S_IWGRP | S_IWOTH)) == 0 && status.st_nlink <= 1;
  if (ours) {
    return {};
  }
  return fail(ErrorKind::denied,
              fmt::format("{} is no journal of ours: another user or name may write to it", path),
              "remove it");
}

Result<UniqueFd> open_checked(const std::string& path, int flags) {
  auto fd = open_file(path, flags | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (!fd) {
    fd.error().remedy = kRemedy;
    return fd;
  }
  TRY(check_ours(fd->get(), path));
  return fd;
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
    TRY_ASSIGN(UniqueFd fd, open_checked(path, O_RDWR | O_CREAT));
    if (lock_journal(fd.get()) != 0) {
      return fail(ErrorKind::conflict, "the journal " + path + " is in use by another sync",
                  "let that one end, or give each its own --state-dir DIR");
    }
    if (has_name(fd.get(), path)) {  // and has not just been replaced by who had it
      return fd;
    }
  }
}

Result<UniqueFd> open_journal_to_read(const std::string& path) {
  return open_checked(path, O_RDONLY);
}

tl::expected<UniqueFd, int> make_nameless_journal() {
  UniqueFd fd(::memfd_create("toolkit sync journal", MFD_CLOEXEC));
  return fd ? tl::expected<UniqueFd, int>(std::move(fd)) : tl::unexpected(errno);
}

int lock_journal(int fd) {
  const int error = try_lock(fd);
  return error == EAGAIN || error == EACCES ? EAGAIN : 0;
}

bool is_surely_locked(int fd) { return try_lock(fd) == 0; }

tl::expected<std::size_t, int> read_at(int fd, std::uint64_t offset, std::span<char> into) {
  ssize_t count = -1;
  do {
    count = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
  } while (count < 0 && errno == EINTR);
  return count >= 0 ? tl::expected<std::size_t, int>(static_cast<std::size_t>(count))
                    : tl::unexpected(errno);
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
