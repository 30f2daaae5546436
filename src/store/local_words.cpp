#include "local_words.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

namespace toolkit::store {
namespace {

bool allows(const std::string& path, int mode) {
  return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
}

// What of a path says no: a directory on the way that cannot be passed, the file, or the directory
// in which it would be made. Nothing when all of them would let us.
std::optional<std::string> culprit(const std::string& path, Access access) {
  std::string parent;
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    parent = path.substr(0, at);
    if (!allows(parent, F_OK)) {
      break;
    }
    if (!allows(parent, X_OK)) {
      return parent;
    }
  }
  if (allows(path, F_OK) && !allows(path, access == Access::read ? R_OK : W_OK)) {
    return path;
  }
  for (; access == Access::write && !parent.empty(); parent.resize(parent.rfind('/'))) {
    if (allows(parent, F_OK)) {
      return allows(parent, W_OK) ? std::nullopt : std::optional(parent);
    }
  }
  return std::nullopt;
}

std::string permission_remedy(const std::string& path, Access access) {
  const auto place = culprit(path, access);
  struct stat status {};
  if (!place || ::stat(place->c_str(), &status) != 0) {
    return "a security module, or flags of the file or mount, forbid it to this process";
  }
  const std::string facts =
      fmt::format("{} belongs to uid {}, gid {}, mode {:04o}, and this process is uid {}, gid {}{}",
                  *place, status.st_uid, status.st_gid, status.st_mode & 07777U, ::geteuid(),
                  ::getegid(), ::geteuid() == 0 ? " without CAP_DAC_OVERRIDE" : "");
  return facts + (access == Access::read
                      ? ": give both containers the same runAsUser, or the pod an fsGroup and the "
                        "writer umask 027 (or chmod g+r)"
                      : ": give both containers the same runAsUser, or the volume's pod an fsGroup "
                        "(or chmod g+w)");
}

// What of a path is there and is no directory, though it should be one.
std::string no_directory_remedy(const std::string& path) {
  struct stat status {};
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const std::string part = path.substr(0, at);
    if (::stat(part.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) {
      return part + " is there and is no directory: remove it, or choose another place";
    }
  }
  return {};
}

std::string remedy_for(const std::string& path, int error, Access access) {
  switch (error) {
    case EACCES:
    case EPERM:
      return permission_remedy(path, access);
    case ENOTDIR:
      return no_directory_remedy(path);
    case EROFS:
      return "the file system is mounted read-only: choose a destination on a writable volume";
    case ENOSPC:
      return "make room; what has arrived is kept, and the next run goes on from there";
    case EDQUOT:
      return "the user's or group's quota is used up: make room, or ask for more";
    case EFBIG:
      return "a limit on the size of files: see ulimit -f, and what the file system can hold";
    case ELOOP:
      return "a symbolic link below the destination or source is not followed: name the place that "
             "it leads to instead";
    case EXDEV:
      return "the link leads out of the source: name the place that it leads to as a source too";
    case ENOTCONN:
    case ESTALE:
      return "the mount has lost its server: mount it again";
    default:
      return {};
  }
}

bool is_away(int error) {
  return error == ESTALE || error == ENOTCONN || error == ETIMEDOUT || error == EHOSTDOWN ||
         error == EHOSTUNREACH || error == ENETDOWN || error == ENETUNREACH ||
         error == ECONNREFUSED || error == ECONNRESET || error == EREMOTEIO || error == ENOLINK ||
         error == EMFILE || error == ENFILE || error == ENOMEM || error == EBUSY;
}

}  // namespace

Failure fail_local(std::string_view what, const std::string& path, int error, Access access) {
  Error words =
      system_error(fmt::format("{} {}", what, path), error, remedy_for(path, error, access));
  if (is_away(error)) {
    words.kind = ErrorKind::unavailable;
  } else if (error == ENOTDIR || error == ELOOP || error == EXDEV) {
    words.kind = ErrorKind::failed;  // something else is there: not the same as nothing
  }
  return Failure(std::move(words));
}

}  // namespace toolkit::store
