#pragma once
// A directory whose file system never answers, as one whose server is gone: a FUSE mount without a
// server behind it. Let go of, everything that hangs on it fails with ENOTCONN.

#include <toolkit/base/unique_fd.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <tests/support/temp_dir.hpp>

#include <string>

namespace toolkit::support {

class StuckDirectory {
 public:
  /// Check is_stuck(): without root or /dev/fuse there is none.
  StuckDirectory() : device_(::open("/dev/fuse", O_RDWR | O_CLOEXEC)) {
    ::mkdir(path().c_str(), 0755);
    // mount.fuse(8), and Documentation/filesystems/fuse.rst in the kernel.
    const std::string options =
        fmt::format("fd={},rootmode=40000,user_id=0,group_id=0", device_.get());
    mounted_ = device_ &&
               ::mount("stuck", path().c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) == 0;
  }
  StuckDirectory(const StuckDirectory&) = delete;
  StuckDirectory& operator=(const StuckDirectory&) = delete;
  ~StuckDirectory() {
    let_go();
    if (mounted_) {
      ::umount2(path().c_str(), MNT_DETACH);
    }
  }

  [[nodiscard]] bool is_stuck() const { return mounted_; }
  [[nodiscard]] std::string path() const { return parent_ / "stuck"; }
  void let_go() { device_.close(); }

 private:
  TempDir parent_;
  UniqueFd device_;
  bool mounted_ = false;
};

}  // namespace toolkit::support
