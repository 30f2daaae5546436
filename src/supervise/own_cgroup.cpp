#include "own_cgroup.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::supervise {
namespace {

// The mount point of cgroup2: in mountinfo the file system type is the first word behind " - ".
std::string unified_mount() {
  const std::string mounts = read_file("/proc/self/mountinfo").value_or("");
  for (const std::string_view line : split(mounts, '\n')) {
    const auto dash = line.find(" - cgroup2 ");
    const auto fields = split(line, ' ');
    if (dash != std::string_view::npos && fields.size() > 4) {
      return std::string(fields[4]);
    }
  }
  return {};
}

// cgroups(7): the line "0::/path" of /proc/self/cgroup is ours in the v2 hierarchy.
std::string unified_path() {
  const std::string groups = read_file("/proc/self/cgroup").value_or("");
  for (const std::string_view line : split(groups, '\n')) {
    if (line.starts_with("0::")) {
      return std::string(line.substr(3));
    }
  }
  return {};
}

}  // namespace

Result<OwnCgroup> OwnCgroup::make() {
  const std::string mount = unified_mount();
  const std::string path = unified_path();
  if (mount.empty() || path.empty() || path.find("..") != std::string::npos) {
    return fail(ErrorKind::unavailable,
                "cannot make a cgroup: no cgroup v2 hierarchy can be seen here",
                "leave --own-cgroup out");
  }
  const std::string directory =
      mount + (path == "/" ? "" : path) + "/toolkit-" + std::to_string(::getpid());
  if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) {
    return fail_errno("cannot make cgroup " + directory, errno,
                      "leave --own-cgroup out, or give the container its cgroup writable");
  }
  return OwnCgroup(directory);
}

OwnCgroup::~OwnCgroup() {
  if (!directory_.empty()) {
    ::rmdir(directory_.c_str());
  }
}

bool OwnCgroup::kill() const {
  const auto fd = open_file(directory_ + "/cgroup.kill", O_WRONLY);
  return fd && write_all(fd->get(), "1") == 0;
}

}  // namespace toolkit::supervise
