#include "directories.hpp"
#include "lock_file.hpp"
#include "record_file.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/job/store.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::job {
namespace {

constexpr const char* kLock = "lock";
constexpr const char* kRecord = "job.json";
constexpr const char* kNewRecord = "job.json.tmp";
constexpr int kHeld = EBUSY;  // by another supervisor: no other call here says that

// A new lock file that appears with its lock held: one that is there and free, with no record, is
// of a supervisor that died while it was starting, and a busy machine may let a second pass between
// the making of a file and its locking. The errno where the file system or /proc do not help.
tl::expected<UniqueFd, int> create_locked(int directory) {
  auto fd = try_open_at(directory, ".", O_RDWR | O_TMPFILE);
  if (!fd) {
    return fd;
  }
  ::fchmod(fd->get(), 0644);
  if (const int error = lock_exclusively(fd->get()); error != 0) {
    return tl::unexpected(error);
  }
  const std::string number = fmt::format("/proc/self/fd/{}", fd->get());
  const bool linked = ::linkat(fd->get(), "", directory, kLock, AT_EMPTY_PATH) == 0 ||
                      ::linkat(AT_FDCWD, number.c_str(), directory, kLock, AT_SYMLINK_FOLLOW) == 0;
  return linked ? std::move(fd) : tl::unexpected(errno);
}

// The lock file of a directory that is there, open and locked. The errno else.
tl::expected<UniqueFd, int> open_and_lock(int directory) {
  constexpr int kFlags = O_RDWR | O_NOFOLLOW | O_NONBLOCK;
  auto fd = try_open_at(directory, kLock, kFlags);
  if (!fd && fd.error() == ENOENT) {
    if (auto created = create_locked(directory)) {
      return created;
    }
    fd = try_open_at(directory, kLock, kFlags | O_CREAT);
  }
  if (!fd) {
    return fd;
  }
  struct stat status {};
  if (::fstat(fd->get(), &status) != 0) {
    return tl::unexpected(errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return tl::unexpected(EINVAL);
  }
  if (status.st_uid == ::geteuid() && (status.st_mode & 0444) != 0444) {
    ::fchmod(fd->get(), 0644);  // the umask must not keep other users from asking
  }
  if (const int error = lock_exclusively(fd->get()); error != 0) {
    return tl::unexpected(error == EAGAIN ? kHeld : error);
  }
  return fd;
}

// Somebody may have removed the directory, or renamed it, between open and lock; then what we hold
// is nobody's. So here the path is asked.
bool is_still_there(const std::string& directory, int fd) {
  struct stat held {
  }, named{};
  return ::fstat(fd, &held) == 0 && ::stat((directory + "/lock").c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

// Mostly there already: jobs have their names again and again. No link is followed. The errno else;
// ENOENT where the state directory is missing.
tl::expected<UniqueFd, int> open_job_directory(const std::string& directory) {
  constexpr int kFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW;
  auto place = try_open(directory, kFlags);
  if (!place && place.error() == ENOENT) {
    const int error = make_directory(directory);
    place = error == 0 ? try_open(directory, kFlags) : tl::unexpected(error);
  }
  return place;
}

// The last job's record goes out of sight under the name that the next write takes: to free it
// takes the kernel 20 µs, which then pass while the child runs. The errno.
int set_aside(int directory) {
  struct stat old {};
  if (::fstatat(directory, kRecord, &old, AT_SYMLINK_NOFOLLOW) != 0) {
    const bool clear =
        errno == ENOENT && (::unlinkat(directory, kNewRecord, 0) == 0 || errno == ENOENT);
    return clear ? 0 : errno;
  }
  if (S_ISDIR(old.st_mode)) {
    return EISDIR;
  }
  return ::renameat(directory, kRecord, directory, kNewRecord) == 0 ? 0 : errno;
}

// f_blocks is 0 where a file system does not count.
bool is_full(int directory) {
  struct statvfs room {};
  return ::fstatvfs(directory, &room) == 0 && room.f_blocks > 0 && room.f_bfree == 0;
}

Failure in_use(const std::string& directory, const std::string& name) {
  const auto record = parse_file(directory);
  const bool has_pid = record && record->supervisor_pid > 0 && record->state != State::exited;
  return fail(
      ErrorKind::unavailable,
      has_pid ? fmt::format("a job named {} is running (supervisor pid {})", name,
                            record->supervisor_pid)
              : fmt::format("a job named {} is just starting or ending", name),
      fmt::format("choose another --name, or wait for that one: toolkit wait job:{}", name));
}

}  // namespace

Result<void> check_name(std::string_view name) {
  bool good = !name.empty() && name.size() <= 64 && name[0] != '.' && name[0] != '-';
  for (const char c : name) {
    good = good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '_' || c == '-');
  }
  if (!good) {
    return fail(ErrorKind::usage,
                fmt::format("'{}' is not a job name", printable(name.substr(0, 80))),
                "1 to 64 of A-Z a-z 0-9 . _ - and no leading dot or dash");
  }
  return {};
}

Result<Claim> Claim::take(const std::string& state_directory, const std::string& name) {
  TRY(check_name(name));
  const std::string directory = state_directory + "/" + name;
  int error = 0;
  // Again when the directory was removed under our hands.
  for (int tries = 0; tries < 10; ++tries) {
    auto place = open_job_directory(directory);
    if (!place && place.error() == ENOENT) {
      TRY(prepare_state_directory(state_directory, false));
      continue;
    }
    if (!place) {
      error = place.error();
      break;
    }
    auto lock = open_and_lock(place->get());
    if (lock && is_still_there(directory, lock->get())) {
      return Claim(directory, std::move(*place), std::move(*lock));
    }
    error = lock ? ESTALE : lock.error();
    if (error == kHeld) {
      return in_use(directory, name);
    }
    if (error != ENOENT && error != ESTALE) {
      break;
    }
  }
  return cannot_use(directory, error);
}

Result<void> Claim::write(const Record& record) {
  auto written =
      replace_file_at(place_.get(), kRecord, directory_ + "/job.json", to_json(record) + '\n');
  if (!written) {
    written.error().remedy = kOtherDirectory;
  }
  return written;
}

Result<void> Claim::forget_predecessor() {
  int error = set_aside(place_.get());
  // On a full disk the old record's room may be all there is for the new one.
  if (error == 0 && is_full(place_.get()) &&
      (::unlinkat(place_.get(), kNewRecord, 0) != 0 || is_full(place_.get()))) {
    error = ENOSPC;
  }
  return error == 0
             ? Result<void>{}
             : fail_errno("cannot write " + directory_ + "/job.json", error, kOtherDirectory);
}

}  // namespace toolkit::job
