#pragma once
// A walk that goes on by itself while what it has found is dealt with: a few directories ahead.

#include <toolkit/selection/walk.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace toolkit::sync {

class LookAhead {
 public:
  using Found = Result<std::optional<selection::Directory>>;

  /// Borrows the walk. Not `ahead`, and where no thread can be made: each is read when it is
  /// wanted.
  LookAhead(selection::Walk& walk, bool ahead);
  LookAhead(const LookAhead&) = delete;
  LookAhead& operator=(const LookAhead&) = delete;
  ~LookAhead();

  /// As Walk::next().
  [[nodiscard]] Found next();

 private:
  void run();

  selection::Walk& walk_;
  std::mutex mutex_;
  std::condition_variable has_some_, has_room_;
  std::deque<Found> found_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace toolkit::sync
