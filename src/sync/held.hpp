#pragma once
// Growing files that are followed, kept open: what is written into one that was renamed to a name
// that the rules leave out, or deleted, can still be read (fluent-bit#2110). Bounded: of more
// files those that were sent longest ago are closed.

#include "task.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace toolkit::sync {

class Held {
 public:
  struct File {
    Task task;
    std::unique_ptr<store::Content> content;
  };
  static constexpr std::size_t kMost = 256;

  // All from any thread, by the key at the destination.
  void keep(File file);
  /// The one that is held and is not `now`; none where it is the same or nothing is held.
  [[nodiscard]] std::optional<File> take_other(const std::string& key, const store::Identity& now);
  void renamed(const std::string& from, const std::string& to);

  /// A walk begins, and then tells each file that it has met.
  void begin_walk();
  void met(const std::string& key);
  /// Those that it has not met.
  [[nodiscard]] std::vector<File> take_missed();

 private:
  struct Kept {
    File file;
    std::uint64_t number = 0;  // in the order of keeping
    bool met = false;
  };
  std::mutex mutex_;
  std::map<std::string, Kept> files_;
  std::uint64_t next_number_ = 0;
};

}  // namespace toolkit::sync
