#pragma once
// Which files a running sync has already brought over, and as what: 16 bytes a file, so that a pass
// of
// `--follow` asks the destination only about what has changed here.

#include <toolkit/store/store.hpp>

#include <mutex>
#include <unordered_map>

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
  std::unordered_map<std::uint64_t, std::uint64_t> files_;  // hash of the key, hash of the state
};

}  // namespace toolkit::sync
