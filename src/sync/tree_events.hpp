#pragma once
// Tells that something below a local source has changed, where the kernel can (inotify(7)). Only a
// hint to look sooner: network file systems send no events, queues overflow, and watches run out,
// so whoever asks looks by the clock too (fluent-bit#3111).

#include <toolkit/base/unique_fd.hpp>

#include <string>
#include <unordered_set>
#include <utility>

namespace toolkit::sync {

class TreeEvents {
 public:
  TreeEvents();
  /// Again and again is no harm; where it cannot be watched, nothing happens.
  void watch(const std::string& directory);
  /// Whether a directory was watched for the first time since this was asked: what came between its
  /// listing and the watch was told by nobody.
  [[nodiscard]] bool take_new() { return std::exchange(new_, false); }
  /// Readable when something has changed; -1 where there is no inotify.
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Takes all that was told.
  void drain();

 private:
  UniqueFd fd_;
  std::unordered_set<int> watched_;
  bool new_ = false;
};

}  // namespace toolkit::sync
