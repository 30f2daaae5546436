#pragma once
// Tells that something below a local source has changed, where the kernel can (inotify(7)). Only a
// hint to look sooner: network file systems send no events, queues overflow, and watches run out,
// so whoever asks looks by the clock too (fluent-bit#3111).

#include <toolkit/base/unique_fd.hpp>

#include <string>

namespace toolkit::sync {

class TreeEvents {
 public:
  TreeEvents();
  /// Again and again is no harm; where it cannot be watched, nothing happens.
  void watch(const std::string& directory);
  /// Readable when something has changed; -1 where there is no inotify.
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Takes all that was told.
  void drain();

 private:
  UniqueFd fd_;
};

}  // namespace toolkit::sync
