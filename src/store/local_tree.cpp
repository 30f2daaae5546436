#include "local_tree.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace toolkit::store {
namespace {

constexpr int kDirectory = O_PATH | O_DIRECTORY;

// No "", "." or ".." in it, which the seam forbids and which would lead out in the stepwise way.
bool is_key(std::string_view key) {
  while (!key.empty()) {
    const std::size_t slash = key.find('/');
    const std::string_view name = key.substr(0, slash);
    if (name.empty() || name == "." || name == ".." || slash + 1 == key.size()) {
      return false;
    }
    key.remove_prefix(slash == std::string_view::npos ? key.size() : slash + 1);
  }
  return true;
}

OrErrno<UniqueFd> open_beneath(int root, const std::string& key, int flags,
                               unsigned long long resolve) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.resolve = resolve;
  long fd = -1;
  do {  // EAGAIN: something was renamed meanwhile, openat2(2)
    fd = ::syscall(SYS_openat2, root, key.c_str(), &how, sizeof how);
  } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  return fd >= 0 ? OrErrno<UniqueFd>(UniqueFd(static_cast<int>(fd))) : tl::unexpected(errno);
}

// One step for each component; `make` makes the missing ones.
OrErrno<UniqueFd> walk(UniqueFd directory, std::string_view key, bool make) {
  while (!key.empty()) {
    const std::size_t slash = key.find('/');
    const std::string name(key.substr(0, slash));
    key.remove_prefix(slash == std::string_view::npos ? key.size() : slash + 1);
    if (make && ::mkdirat(directory.get(), name.c_str(), 0777) != 0 && errno != EEXIST) {
      // EROFS and EACCES are said of what is there, too: opening it decides.
      const int error = errno;
      auto there = open_at(directory.get(), name, kDirectory);
      if (!there) {
        return tl::unexpected(there.error() == ENOENT ? error : there.error());
      }
      directory = std::move(*there);
      continue;
    }
    auto next = open_at(directory.get(), name, kDirectory);
    if (!next) {
      return next;
    }
    directory = std::move(*next);
  }
  return directory;
}

OrErrno<UniqueFd> walk_and_open(UniqueFd root, const std::string& key, int flags) {
  auto directory = walk(std::move(root), parent_of(key), false);
  return directory ? open_at(directory->get(), last_of(key), flags) : std::move(directory);
}

// mkdir -p of what people typed: links are theirs.
int make_root(const std::string& path) {
  int error = 0;
  for (std::size_t at = 1; at != std::string::npos;) {
    at = path.find('/', at);
    error = ::mkdir(path.substr(0, at).c_str(), 0777) != 0 && errno != EEXIST ? errno : 0;
    at = at == std::string::npos ? at : at + 1;
  }
  return error;
}

}  // namespace

std::string last_of(const std::string& key) { return key.substr(key.rfind('/') + 1); }
std::string parent_of(const std::string& key) {
  const std::size_t slash = key.rfind('/');
  return slash == std::string::npos ? std::string() : key.substr(0, slash);
}

OrErrno<UniqueFd> open_at(int directory, const std::string& name, int flags, mode_t mode) {
  int fd = -1;
  do {
    fd = ::openat(directory, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd >= 0) {
    return UniqueFd(fd);
  }
  const int error = errno;
  struct stat status {};
  // O_DIRECTORY|O_NOFOLLOW says ENOTDIR of a link, open(2): one word for it in both ways.
  const bool link = error == ENOTDIR &&
                    ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                    S_ISLNK(status.st_mode);
  return tl::unexpected(link ? ELOOP : error);
}

LocalTree::LocalTree(std::string root) : root_(std::move(root)) {
  while (root_.size() > 1 && root_.back() == '/') {
    root_.pop_back();
  }
}

std::string LocalTree::path_of(const std::string& key) const {
  return key.empty() ? root_ : root_ == "/" ? "/" + key : root_ + "/" + key;
}

OrErrno<UniqueFd> LocalTree::open_root() const {
  int fd = -1;
  do {
    fd = ::open(root_.c_str(), kDirectory | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  return fd >= 0 ? OrErrno<UniqueFd>(UniqueFd(fd)) : tl::unexpected(errno);
}

OrErrno<UniqueFd> LocalTree::open_in(UniqueFd root, const std::string& key, int flags) const {
  if (!stepwise_) {
    auto opened = open_beneath(root.get(), key, flags | O_NOFOLLOW,
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
    // ENOSYS: Linux before 5.6. EPERM: so or by a seccomp profile; the other way tells.
    if (opened || (opened.error() != ENOSYS && opened.error() != EPERM)) {
      return opened;
    }
  }
  return walk_and_open(std::move(root), key, flags);
}

OrErrno<UniqueFd> LocalTree::open(const std::string& key, int flags) const {
  if (!is_key(key)) {
    return tl::unexpected(EINVAL);
  }
  auto root = open_root();
  if (!root || key.empty()) {
    return root && (flags & O_PATH) == 0 ? open_at(root->get(), ".", flags) : std::move(root);
  }
  return open_in(std::move(*root), key, flags);
}

// Looked at before it is opened: a FIFO's writer would notice, and a device may act. What it may be
// by then is seen by who has it open.
OrErrno<UniqueFd> LocalTree::open_regular(const std::string& key, bool follow) const {
  if (!is_key(key) || key.empty()) {
    return tl::unexpected(key.empty() ? kNotRegular : EINVAL);
  }
  auto root = open_root();
  struct stat status {};
  if (!root) {
    return root;
  }
  if (follow) {
    const auto look = open_through_links(key, O_PATH);
    if (!look || ::fstat(look->get(), &status) != 0) {
      return tl::unexpected(look ? errno : look.error());
    }
  } else if (::fstatat(root->get(), key.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return tl::unexpected(errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return tl::unexpected(S_ISLNK(status.st_mode) ? ELOOP : kNotRegular);
  }
  return follow ? open_through_links(key, kToRead) : open_in(std::move(*root), key, kToRead);
}

OrErrno<UniqueFd> LocalTree::open_through_links(const std::string& key, int flags) const {
  if (!is_key(key)) {
    return tl::unexpected(EINVAL);
  }
  auto root = open_root();
  if (!root) {
    return root;
  }
  if (!stepwise_) {
    auto opened = open_beneath(root->get(), key, flags, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
    if (opened ||
        (opened.error() != ENOSYS && opened.error() != EPERM && opened.error() != EXDEV)) {
      return opened;
    }
  }
  // A link with an absolute path may still end inside: ask where we came out before reading there.
  OrErrno<UniqueFd> found = UniqueFd(::openat(root->get(), key.c_str(), O_PATH | O_CLOEXEC));
  if (!*found) {
    return tl::unexpected(errno);
  }
  const auto path_of_fd = [](int fd) { return "/proc/self/fd/" + std::to_string(fd); };
  std::array<char, 4096> top{}, place{};
  const ssize_t length = ::readlink(path_of_fd(root->get()).c_str(), top.data(), top.size());
  const ssize_t reached = ::readlink(path_of_fd(found->get()).c_str(), place.data(), place.size());
  if (length <= 0 || reached <= 0) {
    return tl::unexpected(errno);
  }
  std::string inside(top.data(), static_cast<std::size_t>(length));
  inside += inside == "/" ? "" : "/";
  if (std::string_view(place.data(), static_cast<std::size_t>(reached)).substr(0, inside.size()) !=
      inside) {
    return tl::unexpected(EXDEV);
  }
  const int fd = ::open(path_of_fd(found->get()).c_str(), (flags & ~O_NOFOLLOW) | O_CLOEXEC);
  return fd >= 0 ? OrErrno<UniqueFd>(UniqueFd(fd)) : tl::unexpected(errno);
}

OrErrno<UniqueFd> LocalTree::parent_of(const std::string& key) const {
  return is_key(key) ? open(store::parent_of(key), kDirectory) : tl::unexpected(EINVAL);
}

OrErrno<UniqueFd> LocalTree::make_parent_of(const std::string& key) const {
  return is_key(key) ? make_directory(store::parent_of(key)) : tl::unexpected(EINVAL);
}

OrErrno<UniqueFd> LocalTree::make_directory(const std::string& key) const {
  auto there = open(key, kDirectory);
  if (there || there.error() != ENOENT) {
    return there;
  }
  auto root = open_root();
  if (!root && root.error() == ENOENT) {
    if (const int error = make_root(root_); error != 0) {
      return tl::unexpected(error);
    }
    root = open_root();
  }
  return root ? walk(std::move(*root), key, true) : std::move(root);
}

}  // namespace toolkit::store
