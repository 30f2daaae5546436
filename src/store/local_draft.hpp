#pragma once
// A file that is being written beside the one that it will become: ".NAME.toolkit-XXXXXX" in the
// same directory, so that a rename makes it appear whole.

#include "local_places.hpp"
#include "local_tree.hpp"

#include <toolkit/store/store.hpp>

#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <utility>

namespace toolkit::store {

class LocalDraft {
 public:
  /// A new, empty one for `name` in `directory`. `mode` 0: what the umask leaves of 0666.
  [[nodiscard]] static OrErrno<LocalDraft> begin(SharedFd directory, const std::string& name,
                                                 std::uint32_t mode);
  /// One that was left behind on purpose.
  [[nodiscard]] static OrErrno<LocalDraft> reopen(SharedFd directory, const std::string& name,
                                                  const std::string& draft);
  LocalDraft(LocalDraft&&) noexcept = default;
  LocalDraft& operator=(LocalDraft&& other) noexcept {
    std::swap(directory_, other.directory_);
    std::swap(name_, other.name_);
    std::swap(draft_, other.draft_);
    std::swap(fd_, other.fd_);
    std::swap(is_new_, other.is_new_);
    return *this;
  }
  ~LocalDraft();  // removes it, if it was neither published nor kept

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& draft_name() const { return draft_; }
  /// Mode and time, as far as the file system keeps them; not on disk yet.
  void settle(std::uint32_t mode, std::int64_t mtime) const;
  /// fsync(2); the errno, 0 when it is on disk.
  [[nodiscard]] int sync() const;
  /// Takes the place of what has its name; the errno, 0 when it is there.
  [[nodiscard]] int publish();
  /// Takes its name if nothing has it; EEXIST when something does.
  [[nodiscard]] int publish_exclusively();
  void keep() { draft_.clear(); }

 private:
  LocalDraft(SharedFd directory, std::string name, std::string draft, UniqueFd fd, bool is_new);
  SharedFd directory_;
  std::string name_, draft_;  // empty: nothing to remove
  UniqueFd fd_;
  bool is_new_ = true;
};

/// Whether a name has the form of a draft's.
[[nodiscard]] bool is_draft(std::string_view name);

/// Removes drafts of ours in a directory that nobody has written to for a day before `now`.
void remove_dead_drafts(int directory, time_t now);

/// fsync(2) of a directory that is open with O_PATH: for renames. Best effort, since not every
/// directory may be read and not every file system can.
void sync_directory(int directory);

/// Nanoseconds since 1970 as the system wants them.
[[nodiscard]] timespec time_of(std::int64_t mtime);

/// Whether open(2) gives a new file this mode, so that no fchmod(2) is needed.
[[nodiscard]] bool open_gives(std::uint32_t mode);

/// Mode and time where the file system keeps them: many mounts of object stores do not, and the
/// file is no worse for it.
void set_attributes(int fd, std::uint32_t mode, std::int64_t mtime);

}  // namespace toolkit::store
