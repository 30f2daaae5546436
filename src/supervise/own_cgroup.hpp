#pragma once
// A cgroup v2 of the child's own (--own-cgroup): one write to cgroup.kill ends all of it, forks in
// flight included, and its OOM counters count nobody else.

#include <toolkit/base/result.hpp>

#include <string>

namespace toolkit::supervise {

class OwnCgroup {
 public:
  /// Makes a child group of ours where cgroup v2 can be written. Error: denied or unavailable,
  /// naming why.
  [[nodiscard]] static Result<OwnCgroup> make();
  ~OwnCgroup();
  OwnCgroup(OwnCgroup&& other) noexcept : directory_(std::move(other.directory_)) {
    other.directory_.clear();
  }
  OwnCgroup& operator=(OwnCgroup&&) = delete;

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::string procs_path() const { return directory_ + "/cgroup.procs"; }
  /// cgroup.kill needs Linux 5.14; false where it is not there.
  bool kill() const;

 private:
  explicit OwnCgroup(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

}  // namespace toolkit::supervise
