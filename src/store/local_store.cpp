#include "local_store.hpp"

#include "local_content.hpp"
#include "local_draft.hpp"
#include "local_words.hpp"

#include <toolkit/base/scope_exit.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <ctime>

namespace toolkit::store {
namespace {

// Sorted before they are looked at: entries are large to be moved about.
OrErrno<std::vector<std::string>> names_in(DIR* stream) {
  std::vector<std::string> names;
  while (errno = 0, true) {  // readdir(3): only errno tells an error from the end
    const dirent* const item = ::readdir(stream);
    if (item == nullptr) {
      break;
    }
    const std::string_view name = item->d_name;
    if (name != "." && name != ".." && !is_draft(name)) {
      names.emplace_back(name);
    }
  }
  if (errno != 0) {
    return tl::unexpected(errno);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string LocalStore::name_of(const std::string& key) const { return tree_.path_of(key); }

Capabilities LocalStore::capabilities() const {
  Capabilities can;
  can.append = can.rename = can.directories = can.times = can.modes = true;
  can.streams = 4;
  can.batch = can.tails = 64;  // two descriptors each: the usual limit is 1024 for all streams
  return can;
}

Failure LocalStore::cannot_write(const std::string& key, int error) const {
  return fail_local("cannot write", name_of(key), error, Access::write);
}
Failure LocalStore::cannot_read(const std::string& key, int error) const {
  return fail_local("cannot read", name_of(key), error, Access::read);
}

OrErrno<UniqueFd> LocalStore::directory_for(const std::string& key) {
  auto directory = tree_.make_parent_of(key);
  struct stat status {};
  if (directory && ::fstat(directory->get(), &status) == 0) {
    const std::lock_guard lock(mutex_);
    if (tidied_.emplace(status.st_dev, status.st_ino).second) {
      remove_dead_drafts(directory->get(), ::time(nullptr));
    }
  }
  return directory;
}

Result<std::vector<Entry>> LocalStore::list(const std::string& directory) {
  auto fd = tree_.open(directory, O_RDONLY | O_DIRECTORY);
  if (!fd) {
    return cannot_read(directory, fd.error());
  }
  DIR* const stream = ::fdopendir(fd->get());
  if (stream == nullptr) {
    return cannot_read(directory, errno);
  }
  const int at = fd->release();
  const ScopeExit close([stream] { ::closedir(stream); });
  auto names = names_in(stream);
  if (!names) {
    return cannot_read(directory, names.error());
  }
  std::vector<Entry> entries;
  entries.reserve(names->size());
  for (std::string& name : *names) {
    struct stat status {};
    if (::fstatat(at, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
      entries.push_back(entry_of(std::move(name), status));
    } else if (errno != ENOENT) {  // which is gone since
      return cannot_read(directory.empty() ? name : directory + "/" + name, errno);
    }
  }
  return entries;
}

Result<std::optional<Entry>> LocalStore::stat(const std::string& key) {
  const auto directory = key.empty() ? tree_.open_root() : tree_.parent_of(key);
  struct stat status {};
  int error = directory ? 0 : directory.error();
  if (error == 0) {
    const int result = key.empty() ? ::fstat(directory->get(), &status)
                                   : ::fstatat(directory->get(), last_of(key).c_str(), &status,
                                               AT_SYMLINK_NOFOLLOW);
    error = result == 0 ? 0 : errno;
  }
  if (error == ENOENT || error == ENOTDIR) {
    return std::nullopt;
  }
  if (error != 0) {
    return cannot_read(key, error);
  }
  return entry_of(last_of(key), status);
}

Result<std::string> LocalStore::read_link(const std::string& key) {
  const auto directory = tree_.parent_of(key);
  std::array<char, PATH_MAX> target;
  ssize_t length = -1;
  int error = directory ? 0 : directory.error();
  if (error == 0) {
    length = ::readlinkat(directory->get(), last_of(key).c_str(), target.data(), target.size());
    error = length >= 0 ? 0 : errno;
  }
  if (error != 0) {
    return cannot_read(key, error);
  }
  return std::string(target.data(), static_cast<std::size_t>(length));
}

Result<void> LocalStore::make_directory(const std::string& key) {
  const auto made = tree_.make_directory(key);
  return made ? Result<void>{}
              : fail_local("cannot create directory", name_of(key), made.error(), Access::write);
}

Result<void> LocalStore::rename(const std::string& from, const std::string& to) {
  const auto old_place = tree_.parent_of(from);
  const auto new_place = old_place ? directory_for(to) : tl::unexpected(old_place.error());
  int error = new_place ? 0 : new_place.error();
  if (error == 0 && ::renameat(old_place->get(), last_of(from).c_str(), new_place->get(),
                               last_of(to).c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    return fail_local("cannot rename " + name_of(from) + " to", name_of(to), error, Access::write);
  }
  sync_directory(new_place->get());
  return {};
}

Result<void> LocalStore::remove(const std::string& key) {
  const auto directory = tree_.parent_of(key);
  int error = directory ? 0 : directory.error();
  struct stat status {};
  if (error == 0) {
    const std::string name = last_of(key);
    const bool removed =
        ::fstatat(directory->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        ::unlinkat(directory->get(), name.c_str(), S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0) == 0;
    error = removed ? 0 : errno;
  }
  return error == 0 || error == ENOENT || error == ENOTDIR
             ? Result<void>{}
             : fail_local("cannot remove", name_of(key), error, Access::write);
}

Result<void> LocalStore::set_time(const std::string& key, std::int64_t mtime) {
  const auto directory = tree_.parent_of(key);
  int error = directory ? 0 : directory.error();
  const timespec times[2] = {{0, UTIME_OMIT}, time_of(mtime)};
  if (error == 0 &&
      ::utimensat(directory->get(), last_of(key).c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    error = errno;
  }
  return error == 0 ? Result<void>{}
                    : fail_local("cannot set the time of", name_of(key), error, Access::write);
}

Result<std::optional<std::uint64_t>> LocalStore::free_space() {
  std::string place = tree_.root();
  struct statvfs room {};
  while (::statvfs(place.c_str(), &room) != 0) {
    if (errno != ENOENT) {
      return cannot_read("", errno);
    }
    const std::size_t slash = place.rfind('/');  // not there yet: where it will be made
    place = slash == std::string::npos ? "." : slash == 0 ? "/" : place.substr(0, slash);
  }
  if (room.f_blocks == 0) {  // a file system that does not count
    return std::nullopt;
  }
  return std::uint64_t{room.f_bavail} * room.f_frsize;
}

}  // namespace toolkit::store
