#pragma once
// Where a controller's hierarchy shows our group and its ancestors: /proc/self/cgroup and
// /proc/self/mountinfo together (cgroups(7), cgroup_namespaces(7)).

#include "membership.hpp"

#include <toolkit/cgroup/limits.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::cgroup {

/// Our group and the directories whose limits bind us, ours first where it can be seen.
struct Place {
  Group group;
  std::vector<std::string> chain;  // below the tests' root
};

class Hierarchies {
 public:
  Hierarchies(std::string root, SelfTexts texts);

  /// The hierarchy that has this controller: v1 where /proc/self/cgroup names it, else v2.
  [[nodiscard]] Place find(std::string_view controller) const;
  /// Our group in the v2 hierarchy, whatever controllers it has.
  [[nodiscard]] Place find_unified() const;
  [[nodiscard]] Limits::Layout layout() const;
  /// Files that could not be read, in words.
  [[nodiscard]] const std::vector<std::string>& troubles() const { return troubles_; }
  [[nodiscard]] const std::string& root() const { return root_; }

 private:
  [[nodiscard]] bool has_version1(std::string_view controller) const;
  [[nodiscard]] Place find_in(std::string_view controller, int version) const;
  [[nodiscard]] bool show_group(Place& place, const std::vector<Mount>& mounts) const;
  [[nodiscard]] bool show_ancestor(Place& place, const std::vector<Mount>& mounts) const;
  [[nodiscard]] bool show_usual(Place& place) const;
  void set_chain(Place& place, const Mount& mount, const std::string& directory) const;
  [[nodiscard]] bool exists(const std::string& path) const;

  std::string root_;
  std::optional<std::string> membership_, mountinfo_;
  std::vector<std::string> troubles_;
};

}  // namespace toolkit::cgroup
