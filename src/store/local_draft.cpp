#include "local_draft.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/scope_exit.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace toolkit::store {
namespace {

constexpr std::string_view kMark = ".toolkit-";
constexpr std::size_t kRandom = 6;
constexpr std::size_t kLongestName = 255;  // NAME_MAX
constexpr time_t kDead = time_t{24} * 60 * 60;

std::string random_suffix() {
  constexpr char kLetters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  static const std::uint64_t seed = [] {
    std::uint64_t value = static_cast<std::uint64_t>(::time(nullptr)) << 16U;
    (void)!::getrandom(&value, sizeof value, GRND_NONBLOCK);  // O_EXCL finds what is not unique
    return value;
  }();
  static std::atomic<std::uint64_t> counter{0};
  // An odd factor: all numbers below 2^64 in a strange order, none twice.
  std::uint64_t value = (seed + ++counter) * 0x9E3779B97F4A7C15U;
  std::string suffix;
  for (std::size_t i = 0; i < kRandom; ++i, value /= 1296U) {
    suffix += kLetters[(value >> 8U) % 36];
  }
  return suffix;
}

std::string draft_name_of(const std::string& name) {
  const std::size_t room = kLongestName - 1 - kMark.size() - kRandom;
  return "." + name.substr(0, room) + std::string(kMark) + random_suffix();
}

}  // namespace

LocalDraft::LocalDraft(SharedFd directory, std::string name, std::string draft, UniqueFd fd,
                       bool is_new)
    : directory_(std::move(directory)),
      name_(std::move(name)),
      draft_(std::move(draft)),
      fd_(std::move(fd)),
      is_new_(is_new) {}

OrErrno<LocalDraft> LocalDraft::begin(SharedFd directory, const std::string& name,
                                      std::uint32_t mode) {
  if (name.size() > kLongestName) {
    return tl::unexpected(ENAMETOOLONG);
  }
  while (true) {
    std::string draft = draft_name_of(name);
    // With the mode that it will have: who may not read the file may not see it being written.
    auto fd = open_at(directory->get(), draft, O_RDWR | O_CREAT | O_EXCL,
                      mode == 0 ? 0666 : mode & 0777U);
    if (fd) {
      return LocalDraft(std::move(directory), name, std::move(draft), std::move(*fd), true);
    }
    if (fd.error() != EEXIST) {
      return tl::unexpected(fd.error());
    }
  }
}

OrErrno<LocalDraft> LocalDraft::reopen(SharedFd directory, const std::string& name,
                                       const std::string& draft) {
  if (!is_draft(draft) || draft.find('/') != std::string::npos) {
    return tl::unexpected(EINVAL);
  }
  auto fd = open_at(directory->get(), draft, O_RDWR | O_NONBLOCK);
  struct stat status {};
  if (fd && (::fstat(fd->get(), &status) != 0 || !S_ISREG(status.st_mode))) {
    return tl::unexpected(EINVAL);
  }
  return fd ? OrErrno<LocalDraft>(
                  LocalDraft(std::move(directory), name, draft, std::move(*fd), false))
            : tl::unexpected(fd.error());
}

LocalDraft::~LocalDraft() {
  if (directory_ && !draft_.empty()) {
    ::unlinkat(directory_->get(), draft_.c_str(), 0);
  }
}

void LocalDraft::settle(std::uint32_t mode, std::int64_t mtime) const {
  set_attributes(fd_.get(), is_new_ && open_gives(mode) ? 0 : mode, mtime);
}

int LocalDraft::sync() const {
  while (::fsync(fd_.get()) != 0) {
    if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) {
      return 0;  // what this is cannot be synced, fsync(2)
    }
    if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

int LocalDraft::publish() {
  if (::renameat(directory_->get(), draft_.c_str(), directory_->get(), name_.c_str()) != 0) {
    return errno;
  }
  draft_.clear();
  return 0;
}

int LocalDraft::publish_exclusively() {
  if (::linkat(directory_->get(), draft_.c_str(), directory_->get(), name_.c_str(), 0) == 0) {
    return 0;  // and the draft's name goes with us
  }
  const int error = errno;
  struct stat status {};  // NFS: the answer may be lost and the link be made, link(2)
  if (error != EEXIST && ::fstat(fd_.get(), &status) == 0 && status.st_nlink == 2) {
    return 0;
  }
  return error;
}

bool is_draft(std::string_view name) {
  const std::size_t mark = name.rfind(kMark);
  return mark != std::string_view::npos && mark > 1 && name[0] == '.' &&
         name.size() == mark + kMark.size() + kRandom;
}

void remove_dead_drafts(int directory, time_t now) {
  auto readable = open_at(directory, ".", O_RDONLY | O_DIRECTORY);
  if (!readable) {
    return;
  }
  DIR* const stream = ::fdopendir(readable->get());
  if (stream == nullptr) {
    return;
  }
  (void)readable->release();
  const ScopeExit close([stream] { ::closedir(stream); });
  while (const dirent* const item = ::readdir(stream)) {
    struct stat status {};
    if (is_draft(item->d_name) &&
        ::fstatat(directory, item->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(status.st_mode) && status.st_uid == ::geteuid() && status.st_ctime < now - kDead) {
      ::unlinkat(directory, item->d_name, 0);
    }
  }
}

void sync_directory(int directory) {
  if (const auto readable = open_at(directory, ".", O_RDONLY | O_DIRECTORY)) {
    (void)::fsync(readable->get());
  }
}

timespec time_of(std::int64_t mtime) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t before = mtime % kSecond < 0 ? 1 : 0;  // before 1970
  return {mtime / kSecond - before, mtime % kSecond + before * kSecond};
}

namespace {

// What the umask takes out of a mode, from proc(5): umask(2) cannot be asked without setting it.
// All of them where it cannot be seen.
std::uint32_t own_umask() {
  const auto status = read_file("/proc/self/status", 4096);
  const std::size_t line = status ? status->find("\nUmask:") : std::string::npos;
  return line == std::string::npos
             ? 0777U
             : static_cast<std::uint32_t>(std::strtoul(status->c_str() + line + 7, nullptr, 8));
}

}  // namespace

bool open_gives(std::uint32_t mode) {
  static const std::uint32_t taken_out = own_umask() | 07000U;
  return (mode & taken_out) == 0;
}

void set_attributes(int fd, std::uint32_t mode, std::int64_t mtime) {
  if (mode != 0) {
    (void)::fchmod(fd, mode & 07777U);
  }
  const timespec times[2] = {{0, UTIME_OMIT}, time_of(mtime)};
  (void)::futimens(fd, times);
}

}  // namespace toolkit::store
