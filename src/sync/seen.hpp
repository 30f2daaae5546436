#pragma once
// Which files a running sync has already brought over, and as what: in 18 to 37 bytes a file, so
// that a pass of `--follow` asks the destination only about what has changed here.

#include "hash_map.hpp"

#include <toolkit/store/store.hpp>

#include <mutex>
#include <string>

namespace toolkit::sync {

class Seen {
 public:
  /// Whether the file is as it was when it was last noted.
  [[nodiscard]] bool unchanged(const std::string& key, const store::Entry& entry) const;
  /// From any thread.
  void note(const std::string& key, const store::Entry& entry);
  /// So that the next pass looks at the destination again.
  void forget_all();
  [[nodiscard]] bool empty() const;

 private:
  mutable std::mutex mutex_;
  HashMap files_;  // hash of the key, hash of the state
};

}  // namespace toolkit::sync
