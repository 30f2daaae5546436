#include <toolkit/base/file.hpp>
#include <toolkit/base/scope_exit.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

namespace toolkit {

tl::expected<UniqueFd, int> try_open(const std::string& path, int flags, mode_t mode) {
  return try_open_at(AT_FDCWD, path, flags, mode);
}

tl::expected<UniqueFd, int> try_open_at(int directory, const std::string& path, int flags,
                                        mode_t mode) {
  int fd = -1;
  do {
    fd = ::openat(directory, path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  return fd >= 0 ? tl::expected<UniqueFd, int>(UniqueFd(fd)) : tl::unexpected(errno);
}

Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode) {
  auto opened = try_open(path, flags, mode);
  return opened ? Result<UniqueFd>(std::move(*opened))
                : fail_errno("cannot open " + path, opened.error());
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  TRY_ASSIGN(const UniqueFd fd, open_file(path, O_RDONLY));
  auto bytes = read_all(fd.get(), limit);
  if (!bytes) {
    return fail_errno("cannot read " + path, bytes.error());
  }
  return std::move(*bytes);
}

tl::expected<std::string, int> read_kernel_file(const std::string& path) {
  const auto fd = try_open(path, O_RDONLY);
  if (!fd) {
    return tl::unexpected(fd.error());
  }
  char buffer[8192];
  ssize_t count = 0;
  do {
    count = ::read(fd->get(), buffer, sizeof buffer);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    return tl::unexpected(errno);
  }
  std::string text(buffer, static_cast<std::size_t>(count));
  if (text.size() == sizeof buffer) {  // only then can there be more
    auto rest = read_all(fd->get(), 1 << 20);
    text += rest ? *rest : "";
  }
  return text;
}

tl::expected<std::string, int> read_all(int fd, std::size_t limit) {
  std::string bytes;
  char buffer[4096];
  while (bytes.size() < limit) {
    const ssize_t count = ::read(fd, buffer, std::min(sizeof buffer, limit - bytes.size()));
    if (count == 0) {
      break;
    }
    if (count < 0 && errno != EINTR) {
      return tl::unexpected(errno);
    }
    bytes.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  return bytes;
}

std::vector<std::string> sorted_entries(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()),
                                                   [](DIR* d) { return ::closedir(d); });
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
    if (entry->d_name[0] != '.') {
      names.emplace_back(entry->d_name);
    }
  }
  std::ranges::sort(names);
  return names;
}

int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

Result<void> write_answer(std::string_view bytes) {
  const int error = write_all(STDOUT_FILENO, bytes);
  return error == 0 ? Result<void>() : fail_errno("cannot write to stdout", error);
}

namespace {

int sync_to_disk(int fd) {
  while (::fsync(fd) != 0) {
    if (errno == EINVAL) {
      return 0;  // what this is cannot be synced, fsync(2)
    }
    if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view bytes, mode_t mode) {
  return replace_file_at(AT_FDCWD, path, path, bytes, mode);
}

Result<void> replace_file_at(int directory, const std::string& name, const std::string& path,
                             std::string_view bytes, mode_t mode) {
  const std::string beside = name + ".tmp";
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL;
  auto fd = try_open_at(directory, beside, kFlags, mode);
  // What a killed process has left, or a symbolic link that somebody planted, is removed and never
  // followed.
  if (!fd && ::unlinkat(directory, beside.c_str(), 0) == 0) {
    fd = try_open_at(directory, beside, kFlags, mode);
  }
  if (!fd) {
    return fail_errno("cannot open " + path + ".tmp", fd.error());
  }
  ::fchmod(fd->get(), mode);  // open(2) has taken the umask's bits out
  int error = write_all(fd->get(), bytes);
  if (error == 0) {
    error = sync_to_disk(fd->get());
  }
  if (error == 0 && ::renameat(directory, beside.c_str(), directory, name.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    ::unlinkat(directory, beside.c_str(), 0);
    return fail_errno("cannot write " + path, error);
  }
  return {};
}

Result<void> make_directories(const std::string& path, mode_t mode) {
  for (std::size_t at = 1; at != std::string::npos;) {
    at = path.find('/', at);
    const std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), mode) != 0 && errno != EEXIST) {
      const int error = errno;
      struct stat status {};
      // A read-only or foreign parent answers EROFS or EACCES even when the directory is there.
      if (::stat(part.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        return fail_errno("cannot create directory " + part, error);
      }
    }
    at = at == std::string::npos ? at : at + 1;
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) {
    return fail_errno("cannot create directory " + path, ENOTDIR);
  }
  return {};
}

}  // namespace toolkit
