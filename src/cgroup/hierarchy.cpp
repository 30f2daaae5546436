#include "hierarchy.hpp"

#include "group_files.hpp"

#include <toolkit/base/text.hpp>

#include <unistd.h>

#include <algorithm>

namespace toolkit::cgroup {
namespace {

constexpr std::string_view kUsual = "/sys/fs/cgroup";

// A mount that shows more ancestors comes first, then one at the usual place, then the last one
// made. Of several on one point only the last can be seen.
std::vector<Mount> by_preference(std::vector<Mount> mounts) {
  std::vector<Mount> kept;
  for (Mount& mount : mounts) {
    if (std::ranges::none_of(kept, [&](const Mount& k) { return k.point == mount.point; })) {
      kept.push_back(std::move(mount));
    }
  }
  std::ranges::stable_sort(kept, [](const Mount& a, const Mount& b) {
    const auto depth = [](const Mount& m) {
      return m.root == "/" ? 0 : std::ranges::count(m.root, '/');
    };
    const auto unusual = [](const Mount& m) { return !m.point.starts_with(kUsual); };
    return std::pair(depth(a), unusual(a)) < std::pair(depth(b), unusual(b));
  });
  return kept;
}

// How many "/.." a path consists of; nothing when there is more in it.
std::optional<std::size_t> steps_up(std::string_view path) {
  std::size_t steps = 0;
  for (; path.starts_with("/.."); path.remove_prefix(3)) {
    ++steps;
  }
  return path.empty() || path == "/" ? std::optional(steps) : std::nullopt;
}

}  // namespace

Hierarchies::Hierarchies(std::string root, SelfTexts texts)
    : root_(std::move(root)),
      membership_(std::move(texts.cgroup)),
      mountinfo_(std::move(texts.mountinfo)) {
  for (const auto& [text, path] : {std::pair(&membership_, "/proc/self/cgroup"),
                                   std::pair(&mountinfo_, "/proc/self/mountinfo")}) {
    if (!*text) {
      troubles_.push_back("cannot read " + root_ + path);
    }
  }
}

bool Hierarchies::exists(const std::string& path) const {
  return ::access((root_ + path).c_str(), F_OK) == 0;
}

bool Hierarchies::has_version1(std::string_view controller) const {
  return membership_ ? group_path(*membership_, controller).has_value()
                     : mountinfo_ && !cgroup_mounts(*mountinfo_, controller).empty();
}

Limits::Layout Hierarchies::layout() const {
  constexpr std::string_view kControllers[] = {"cpu", "memory", "pids", "cpuset"};
  const bool first =
      std::ranges::any_of(kControllers, [&](std::string_view name) { return has_version1(name); });
  const bool second = membership_ ? group_path(*membership_, "").has_value()
                                  : mountinfo_ && !cgroup_mounts(*mountinfo_, "").empty();
  return first ? (second ? Limits::Layout::hybrid : Limits::Layout::v1)
               : (second ? Limits::Layout::v2 : Limits::Layout::none);
}

Place Hierarchies::find(std::string_view controller) const {
  if (has_version1(controller)) {
    return find_in(controller, 1);
  }
  Place place = find_in(controller, 2);
  const auto path = membership_ ? group_path(*membership_, "") : std::nullopt;
  const bool is_off =
      membership_ &&
      (!path || (!place.chain.empty() && !place.group.hidden_above &&
                 !has_line_word(read_text(root_ + place.group.mount_point + "/cgroup.controllers"),
                                controller)));
  if (is_off) {
    place = {};
    place.group.controller = controller;
    place.group.why_hidden = "no hierarchy has the controller " + std::string(controller);
  }
  return place;
}

Place Hierarchies::find_unified() const { return find_in("", 2); }

Place Hierarchies::find_in(std::string_view controller, int version) const {
  Place place;
  place.group.controller = controller;
  place.group.version = version;
  const std::string_view key = version == 1 ? controller : std::string_view();
  place.group.path = membership_ ? group_path(*membership_, key).value_or("") : "";
  const auto mounts =
      mountinfo_ ? by_preference(cgroup_mounts(*mountinfo_, key)) : std::vector<Mount>();
  if (!show_group(place, mounts) && !show_ancestor(place, mounts) &&
      !(mounts.empty() && show_usual(place))) {
    place.group.hidden_above = true;
    place.group.why_hidden = mounts.empty() ? "the hierarchy is not mounted here"
                                            : "no mount shows the group " + place.group.path;
  }
  return place;
}

bool Hierarchies::show_group(Place& place, const std::vector<Mount>& mounts) const {
  for (const Mount& mount : mounts) {
    const auto directory =
        place.group.path.empty() ? std::nullopt : directory_below(mount, place.group.path);
    if (directory && exists(*directory + "/cgroup.procs")) {
      place.group.directory = *directory;
      set_chain(place, mount, *directory);
      return true;
    }
  }
  return false;
}

// After unshare(CLONE_NEWCGROUP) an older mount shows "/../..": which of the groups there leads to
// us is not said, but what stands at the mount point itself binds us. So it does where our group is
// not known at all: a container sees its own part of the hierarchy and nothing else.
bool Hierarchies::show_ancestor(Place& place, const std::vector<Mount>& mounts) const {
  const auto ours = steps_up(place.group.path.substr(0, place.group.path.rfind("/..") + 3));
  for (const Mount& mount : mounts) {
    const auto steps = steps_up(mount.root);
    const bool above =
        place.group.path.empty() || (steps && *steps > 0 && *steps >= ours.value_or(0));
    if (above && exists(mount.point + "/cgroup.procs")) {
      set_chain(place, mount, mount.point);
      place.group.hidden_above = true;
      place.group.why_hidden =
          place.group.path.empty()
              ? "our group is not known (/proc/self/cgroup)"
              : "the mount at " + mount.point + " is from outside our cgroup namespace";
      return true;
    }
  }
  return false;
}

// With a process namespace shared among containers our mountinfo may lack the mount.
bool Hierarchies::show_usual(Place& place) const {
  Mount mount{"/", std::string(kUsual)};
  if (place.group.version == 1) {
    mount.point += "/" + place.group.controller;
  }
  const bool known = !place.group.path.empty() && show_group(place, {mount});
  if (!known) {
    if (!exists(mount.point + "/cgroup.procs")) {
      return false;
    }
    set_chain(place, mount, mount.point);
    place.group.hidden_above = true;
  }
  place.group.why_hidden = "/proc/self/mountinfo lacks the mount; guessed " + mount.point;
  return true;
}

void Hierarchies::set_chain(Place& place, const Mount& mount, const std::string& directory) const {
  Group& group = place.group;
  group.mount_point = mount.point;
  for (std::string at = directory;; at.erase(at.rfind('/'))) {
    place.chain.push_back(root_ + at);
    if (at.size() <= mount.point.size()) {
      break;
    }
  }
  // Files that only a hierarchy's true root has (v1), or that it lacks (v2).
  const bool is_root =
      mount.root == "/" && (group.version == 1 ? exists(mount.point + "/cgroup.sane_behavior")
                                               : !exists(mount.point + "/cgroup.events"));
  group.hidden_above = !is_root;
  if (!is_root) {
    group.why_hidden = mount.root == "/" ? "a cgroup namespace hides the groups above ours"
                                         : "the mount at " + mount.point + " shows only " +
                                               mount.root + " of the hierarchy";
  }
}

}  // namespace toolkit::cgroup
