#include "seen.hpp"

#include "fingerprint.hpp"

#include <string_view>

namespace toolkit::sync {
namespace {

std::uint64_t key_of(const std::string& name) { return hash_of(name).low; }

std::uint64_t state_of(const store::Entry& entry) {
  const std::uint64_t state[] = {entry.size, static_cast<std::uint64_t>(entry.mtime),
                                 entry.identity.device, entry.identity.inode,
                                 entry.tag.empty() ? 0 : hash_of(entry.tag).low};
  return hash_of({reinterpret_cast<const char*>(state), sizeof state}).low;
}

}  // namespace

bool Seen::unchanged(const std::string& key, const store::Entry& entry) const {
  const std::lock_guard lock(mutex_);
  const std::uint64_t* const found = files_.find(key_of(key));
  return found != nullptr && *found == state_of(entry);
}

void Seen::note(const std::string& key, const store::Entry& entry) {
  const std::lock_guard lock(mutex_);
  files_.set(key_of(key), state_of(entry));
}

void Seen::forget_all() {
  const std::lock_guard lock(mutex_);
  files_.clear();
}

bool Seen::empty() const {
  const std::lock_guard lock(mutex_);
  return files_.empty();
}

}  // namespace toolkit::sync
