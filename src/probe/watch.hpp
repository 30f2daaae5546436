#pragma once
// Events of the file system about one path, by inotify(7): on what the path names, and on its
// nearest existing parent for what does not exist yet. Events are a hint and never the whole truth:
// network and FUSE file systems and some bind mounts are silent (docker/for-mac#2375,
// gorakhargosh/watchdog#431), so whoever uses them looks again by the clock as well.
//
// The whole process has one inotify instance: fs.inotify.max_user_instances is 128 for all
// containers of a uid together.

#include "events.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace toolkit::probe {

class Watch final : public Events {
 public:
  explicit Watch(std::string path);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() override;

  void aim() override;
  /// Watches nothing until the next aim().
  void rest();
  [[nodiscard]] pollfd entry() const override;
  void hear() override;
  [[nodiscard]] bool stirred() const override { return stirred_; }
  void calm() override { stirred_ = false; }
  [[nodiscard]] int take_trouble() override;

  void stir() { stirred_ = stirred_since_ = true; }

 private:
  std::string path_;
  std::atomic<bool> stirred_ = false;
  std::atomic<int> trouble_ = 0;
  std::atomic<bool> stirred_since_ = false;  // the last aim
  std::atomic<bool> aimed_ = false;
  int looks_ = 0;  // of one look at a time
};

}  // namespace toolkit::probe
