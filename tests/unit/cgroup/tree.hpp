#pragma once
// A small machine in a directory: what /proc/self says and what the groups' files hold.

#include <tests/support/temp_dir.hpp>

#include <initializer_list>
#include <string>
#include <utility>

namespace toolkit::support {

class Tree {
 public:
  using Files = std::initializer_list<std::pair<const char*, const char*>>;

  Tree(const std::string& membership, const std::string& mountinfo) {
    root_.write("proc/self/cgroup", membership);
    root_.write("proc/self/mountinfo", mountinfo);
  }
  /// A group as it is mounted: its directory, and its files without the trailing newline.
  Tree& group(const std::string& directory, Files files = {}) {
    root_.write(directory.substr(1) + "/cgroup.procs", "");
    for (const auto& [name, text] : files) {
      root_.write(directory.substr(1) + "/" + name, std::string(text) + "\n");
    }
    return *this;
  }
  /// The root of a v1 hierarchy, which has a file of its own.
  Tree& root_v1(const std::string& directory, Files files = {}) {
    group(directory, files);
    root_.write(directory.substr(1) + "/cgroup.sane_behavior", "0\n");
    return *this;
  }
  /// A v2 group that is not the hierarchy's root.
  Tree& group_v2(const std::string& directory, Files files = {}) {
    group(directory, files);
    root_.write(directory.substr(1) + "/cgroup.events", "populated 1\nfrozen 0\n");
    root_.write(directory.substr(1) + "/cgroup.controllers", "cpuset cpu io memory hugetlb pids\n");
    return *this;
  }
  Tree& root_v2(const std::string& directory) {
    group(directory, {{"cgroup.controllers", "cpuset cpu io memory hugetlb pids"}});
    return *this;
  }
  [[nodiscard]] const std::string& path() const { return root_.path(); }
  [[nodiscard]] const TempDir& files() const { return root_; }

 private:
  TempDir root_;
};

}  // namespace toolkit::support
