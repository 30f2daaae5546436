#include "seen.hpp"

#include <functional>

namespace toolkit::sync {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash ^= value + 0x9e3779b97f4a7c15ULL + (hash << 6) + (hash >> 2);
  return hash * 0xff51afd7ed558ccdULL;
}

std::uint64_t key_of(const std::string& name) { return std::hash<std::string>{}(name); }

std::uint64_t state_of(const store::Entry& entry) {
  std::uint64_t hash = mix(entry.size, static_cast<std::uint64_t>(entry.mtime));
  hash = mix(hash, entry.identity.device);
  return mix(mix(hash, entry.identity.inode), std::hash<std::string>{}(entry.tag));
}

}  // namespace

bool Seen::unchanged(const std::string& key, const store::Entry& entry) const {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(key_of(key));
  return found != files_.end() && found->second == state_of(entry);
}

void Seen::note(const std::string& key, const store::Entry& entry) {
  const std::lock_guard lock(mutex_);
  files_[key_of(key)] = state_of(entry);
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
