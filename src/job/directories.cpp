#include "directories.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/job/store.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::job {
namespace {

std::string value_of(const char* (*get_env)(const char*), const char* name) {
  const char* value = get_env(name);
  return value != nullptr ? value : "";
}

std::string directory_in_tmp() { return fmt::format("/tmp/toolkit-{}", ::geteuid()); }

Result<void> check_ours_alone(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return cannot_use(path, errno);
  }
  const char* wrong = !S_ISDIR(status.st_mode)       ? "it is not a directory"
                      : status.st_uid != ::geteuid() ? "it belongs to somebody else"
                      : (status.st_mode & 0022) != 0 ? "others may write in it"
                                                     : nullptr;
  if (wrong != nullptr) {
    return fail(ErrorKind::denied, fmt::format("cannot keep job records in {}: {}", path, wrong),
                kOtherDirectory);
  }
  return {};
}

}  // namespace

int make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0) {
    ::chmod(path.c_str(), 0755);
    return 0;
  }
  const int error = errno;
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return error;
  }
  return S_ISDIR(status.st_mode)
             ? 0
             : ENOTDIR;  // a read-only parent answers EROFS even when it is there
}

Failure cannot_use(const std::string& path, int error) {
  Error what = system_error("cannot keep job records in " + path, error, kOtherDirectory);
  if (what.kind == ErrorKind::not_found) {
    what.kind =
        ErrorKind::failed;  // it is ours to make: nobody asked for something that is not there
  }
  return Failure(std::move(what));
}

Result<void> prepare_state_directory(const std::string& path, bool ours_alone) {
  int error = make_directory(path);
  if (error == ENOENT && path.find('/', 1) != std::string::npos) {
    TRY(make_directories(path.substr(0, path.rfind('/'))).map_error([](Error what) {
      what.remedy = kOtherDirectory;
      return what;
    }));
    error = make_directory(path);
  }
  if (ours_alone) {
    TRY(check_ours_alone(path));
  }
  struct stat status {};
  if (error == ENOTDIR && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    error = 0;  // a symbolic link to a directory: whoever named this directory may name it so
  }
  if (error == 0 && ::faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    error = errno;
  }
  return error == 0 ? Result<void>() : cannot_use(path, error);
}

std::vector<std::string> state_directories(const char* (*get_env)(const char*)) {
  if (const std::string chosen = value_of(get_env, "TOOLKIT_STATE_DIR"); !chosen.empty()) {
    return {chosen};
  }
  std::vector<std::string> places{"/run/toolkit"};
  if (const std::string runtime = value_of(get_env, "XDG_RUNTIME_DIR"); !runtime.empty()) {
    places.push_back(runtime + "/toolkit");
  }
  places.push_back(directory_in_tmp());
  return places;
}

Result<std::string> state_directory(const char* (*get_env)(const char*)) {
  Result<void> usable;
  for (std::string& place : state_directories(get_env)) {
    usable = prepare_state_directory(place, place == directory_in_tmp());
    if (usable) {
      return std::move(place);
    }
  }
  return Failure(std::move(usable).error());
}

}  // namespace toolkit::job
