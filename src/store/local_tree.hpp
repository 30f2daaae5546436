#pragma once
// A directory and what is below it, reached without following a symbolic link below the root: what
// others put there cannot lead us out. openat2(2) where the kernel has it and the container's
// seccomp profile lets it through, else a step for each component. All errors are errno values.

#include <toolkit/base/unique_fd.hpp>

#include <fcntl.h>
#include <sys/types.h>
#include <tl/expected.hpp>

#include <cerrno>
#include <string>

namespace toolkit::store {

template <typename T>
using OrErrno = tl::expected<T, int>;

/// Never waits for a FIFO or a device, nor takes a terminal.
constexpr int kToRead = O_RDONLY | O_NONBLOCK | O_NOCTTY;

/// Not an error of any call here: a directory, a FIFO, a device, a socket.
constexpr int kNotRegular = EBADFD;

class LocalTree {
 public:
  /// The root as it was typed: links in it are followed, and it need not be there.
  explicit LocalTree(std::string root);

  [[nodiscard]] const std::string& root() const { return root_; }
  /// The path of a key, for messages.
  [[nodiscard]] std::string path_of(const std::string& key) const;

  /// Never cached: a root that was deleted and made again is the new one.
  [[nodiscard]] OrErrno<UniqueFd> open_root() const;
  [[nodiscard]] OrErrno<UniqueFd> open(const std::string& key, int flags) const;
  /// A file to read from; kNotRegular for everything else, which is not opened.
  [[nodiscard]] OrErrno<UniqueFd> open_regular(const std::string& key, bool follow) const;
  /// Links are followed as long as they end below the root; EXDEV when not.
  [[nodiscard]] OrErrno<UniqueFd> open_through_links(const std::string& key, int flags) const;
  /// The directory of a key, O_PATH.
  [[nodiscard]] OrErrno<UniqueFd> parent_of(const std::string& key) const;
  /// The same; it, and the root, are made where they are missing.
  [[nodiscard]] OrErrno<UniqueFd> make_parent_of(const std::string& key) const;
  [[nodiscard]] OrErrno<UniqueFd> make_directory(const std::string& key) const;

  /// For tests: as on a kernel without openat2.
  void go_stepwise() { stepwise_ = true; }

 private:
  [[nodiscard]] OrErrno<UniqueFd> open_in(UniqueFd root, const std::string& key, int flags) const;
  std::string root_;
  bool stepwise_ = false;
};

/// The last component of a key, and what is before it.
[[nodiscard]] std::string last_of(const std::string& key);
[[nodiscard]] std::string parent_of(const std::string& key);
/// openat(2) with O_CLOEXEC and O_NOFOLLOW, EINTR retried.
[[nodiscard]] OrErrno<UniqueFd> open_at(int directory, const std::string& name, int flags,
                                        mode_t mode = 0);

}  // namespace toolkit::store
