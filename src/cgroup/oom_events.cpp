#include "oom_events.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <dirent.h>
#include <sys/stat.h>

#include <memory>

namespace toolkit::cgroup {
namespace {

// On a machine without containers our group may be the root, with everybody's below it.
constexpr int kDeepest = 16;
constexpr int kMostGroups = 2000;

constexpr std::string_view kKills = "oom_kill";

// A directory's link count is two more than its subdirectories (kernfs keeps it so): most groups
// have none, and need no listing of some thirty files.
bool has_children(const std::string& directory) {
  struct stat status {};
  return ::stat(directory.c_str(), &status) == 0 && status.st_nlink != 2;
}

void add_children(const std::string& directory, int depth, int& groups_left, std::uint64_t& total) {
  if (depth == 0 || !has_children(directory)) {
    return;
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()),
                                                   [](DIR* d) { return ::closedir(d); });
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (entry->d_type != DT_DIR || name == "." || name == "..") {
      continue;
    }
    if (groups_left-- <= 0) {
      return;
    }
    const std::string child = directory + "/" + entry->d_name;
    const auto text = read_kernel_file(child + "/memory.oom_control");
    total += text ? value_of(*text, kKills).value_or(0) : 0;
    add_children(child, depth - 1, groups_left, total);
  }
}

}  // namespace

std::optional<std::uint64_t> value_of(std::string_view text, std::string_view key) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
      const auto number = parse_whole(line.substr(key.size() + 1));
      return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<OomCounts> oom_events_v2(std::string_view memory_events) {
  const auto kills = value_of(memory_events, kKills);
  if (!kills) {
    return std::nullopt;
  }
  return OomCounts{*kills, value_of(memory_events, "oom_group_kill").value_or(0)};
}

std::optional<OomCounts> oom_events_v1(std::string_view oom_control, const std::string& directory) {
  const auto own = value_of(oom_control, kKills);
  if (!own) {
    return std::nullopt;
  }
  OomCounts counts{*own, 0};
  int groups_left = kMostGroups;
  add_children(directory, kDeepest, groups_left, counts.oom_kill);
  return counts;
}

}  // namespace toolkit::cgroup
