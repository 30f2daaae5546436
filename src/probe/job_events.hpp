#pragma once
// What may tell of a job: the lock that its supervisor lets go, while there is one; before that and
// behind it, new records and directories.
//
// While a job runs nothing is watched by inotify: who has a watch ends 8 to 20 ms later, since the
// kernel waits for the readers of its marks (fs/notify/mark.c, synchronize_srcu), and a job's code
// is wanted at once.

#include "abandonable.hpp"
#include "watch.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace toolkit::probe {

class JobEvents final : public Events {
 public:
  /// Where the job may appear.
  explicit JobEvents(const std::vector<std::string>& directories);

  /// Called in looks: a supervisor holds the lock in this directory, or nobody does.
  void follow(const std::string& directory);
  void unfollow() { following_ = false; }

  void aim() override;
  [[nodiscard]] pollfd entry() const override;
  void hear() override;
  [[nodiscard]] bool stirred() const override;
  void calm() override;
  [[nodiscard]] int take_trouble() override;

 private:
  // Shared with the thread that waits for the lock, which may be left behind.
  struct Release {
    UniqueFd bell = make_bell();
    std::atomic<bool> awaited = false;
  };

  std::vector<std::unique_ptr<Watch>> watches_;
  std::shared_ptr<Release> release_ = std::make_shared<Release>();
  std::atomic<bool> following_ = false;
  std::atomic<bool> released_ = false;
};

}  // namespace toolkit::probe
