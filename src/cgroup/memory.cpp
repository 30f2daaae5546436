#include "group_files.hpp"
#include "membership.hpp"
#include "oom_events.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/cgroup/memory.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::cgroup {
namespace {

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

void lower(std::optional<std::uint64_t>& limit, std::optional<std::uint64_t> other) {
  if (other && *other < kUnlimited) {
    limit = limit ? std::min(*limit, *other) : *other;
  }
}

// v1 says what it enforces from all ancestors, those above a namespace included.
std::optional<std::uint64_t> hierarchical_limit(const std::string& directory) {
  const auto stat = read_file(directory + "/memory.stat");
  return stat ? value_of(*stat, "hierarchical_memory_limit") : std::nullopt;
}

}  // namespace

// The counters come first: where they can be opened, nobody has to ask for the group as well.
bool MemoryGroup::open(const std::string& directory) {
  auto counters =
      try_open(directory + (version2_ ? "/memory.events" : "/memory.oom_control"), O_RDONLY);
  if (!counters && !exists(directory + "/cgroup.procs")) {
    return false;
  }
  counters_ = counters ? std::move(*counters) : UniqueFd();
  directory_ = directory;
  return true;
}

MemoryGroup MemoryGroup::find(const std::string& root) {
  auto mountinfo = read_file(root + "/proc/self/mountinfo");
  return mountinfo ? find_below(root, std::move(*mountinfo)) : MemoryGroup();
}

MemoryGroup MemoryGroup::guess(const std::string& root) { return find_below(root, std::nullopt); }

MemoryGroup MemoryGroup::find_below(const std::string& root,
                                    const std::optional<std::string>& mountinfo) {
  MemoryGroup group;
  const auto membership = read_kernel_file(root + "/proc/self/cgroup");
  const auto version1 = membership ? group_path(*membership, "memory") : std::nullopt;
  const std::string_view controller = version1 ? "memory" : "";
  const auto path = version1 || !membership ? version1 : group_path(*membership, "");
  if (!path) {
    return group;
  }
  group.version2_ = !version1;
  const std::vector<Mount> usual{{"/", version1 ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup"}};
  for (const Mount& mount : mountinfo ? cgroup_mounts(*mountinfo, controller) : usual) {
    const auto directory = directory_below(mount, *path);
    if (directory && group.open(root + *directory)) {
      group.top_ = root + mount.point;
      break;
    }
  }
  return group;
}

MemoryGroup MemoryGroup::at(const std::string& directory) {
  MemoryGroup group;
  group.version2_ = !exists(directory + "/memory.oom_control");
  if (group.open(directory)) {
    group.top_ = directory;
  }
  return group;
}

std::optional<OomCounts> MemoryGroup::oom_counts() const {
  char buffer[4096];
  ssize_t count = 0;
  do {
    count = ::pread(counters_.get(), buffer, sizeof buffer, 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    return std::nullopt;
  }
  const std::string_view text(buffer, static_cast<std::size_t>(count));
  return version2_ ? oom_events_v2(text) : oom_events_v1(text, directory_);
}

std::optional<std::uint64_t> MemoryGroup::limit_bytes() const {
  std::optional<std::uint64_t> limit;
  if (!visible()) {
    return limit;
  }
  const char* const file = version2_ ? "/memory.max" : "/memory.limit_in_bytes";
  std::string directory = directory_;
  while (true) {
    lower(limit, read_count(directory + file));
    if (directory.size() <= top_.size()) {
      break;
    }
    directory.erase(directory.rfind('/'));
  }
  if (!version2_) {
    lower(limit, hierarchical_limit(directory_));
  }
  return limit;
}

std::optional<std::uint64_t> MemoryGroup::peak_bytes() const {
  if (!visible()) {
    return std::nullopt;
  }
  return read_count(directory_ + (version2_ ? "/memory.peak" : "/memory.max_usage_in_bytes"));
}

}  // namespace toolkit::cgroup
