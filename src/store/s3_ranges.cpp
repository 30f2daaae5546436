#include "s3_ranges.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <system_error>

namespace toolkit::store {
namespace {

constexpr std::uint64_t kRange = 4 << 20;
constexpr std::uint64_t kThreads = 4;
constexpr std::uint64_t kWorthIt = 4 * kRange;
// Each holds up to kThreads ranges and the one that is given out: 20 MiB.
constexpr int kMost = 2;
std::atomic<int> in_use = 0;  // of the whole process, as memory is

}  // namespace

std::unique_ptr<S3Ahead> S3Ranges::of(const S3Place& place, const std::string& key,
                                      const Entry& entry, std::uint64_t offset) {
  if (entry.size - offset < kWorthIt) {
    return nullptr;
  }
  if (++in_use > kMost) {
    --in_use;
    return nullptr;
  }
  return std::unique_ptr<S3Ahead>(new S3Ranges(place, key, entry, offset));
}

S3Ranges::S3Ranges(const S3Place& place, std::string key, const Entry& entry, std::uint64_t offset)
    : place_(place), key_(std::move(key)), entry_(entry), position_(offset), next_(offset) {
  try {
    for (std::uint64_t i = 0; i < kThreads; ++i) {
      threads_.emplace_back([this] { work(); });
    }
  } catch (const std::system_error&) {
    // As many as there may be; without any, read() says so.
  }
}

S3Ranges::~S3Ranges() {
  {
    const std::lock_guard lock(mutex_);
    unwanted_ = true;
  }
  changed_.notify_all();
  threads_.clear();
  --in_use;
}

void S3Ranges::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return unwanted_ || next_ < position_ + kThreads * kRange; });
    if (unwanted_ || next_ >= entry_.size) {
      return;
    }
    const std::uint64_t from = next_;
    next_ += std::min(kRange, entry_.size - from);
    const std::uint64_t size = next_ - from;
    lock.unlock();
    auto bytes = read_range(place_, key_, from, size, entry_.tag);
    lock.lock();
    ranges_.insert_or_assign(from, std::move(bytes));
    changed_.notify_all();
  }
}

Result<std::size_t> S3Ranges::read(std::span<char> into) {
  std::unique_lock lock(mutex_);
  if (position_ >= entry_.size) {
    return 0;
  }
  if (threads_.empty()) {
    return fail(ErrorKind::unavailable, "no thread can be made");
  }
  // The one in which the position is: it begins at it, or before.
  const auto current = [&] {
    const auto after = ranges_.upper_bound(position_);
    return after == ranges_.begin() ? ranges_.end() : std::prev(after);
  };
  changed_.wait(lock, [&] { return current() != ranges_.end(); });
  const auto range = current();
  if (!range->second) {
    return tl::unexpected(range->second.error());
  }
  const std::string& bytes = *range->second;
  const auto at = static_cast<std::size_t>(position_ - range->first);
  const std::size_t count = std::min(into.size(), bytes.size() - at);
  std::memcpy(into.data(), bytes.data() + at, count);
  position_ += count;
  if (at + count == bytes.size()) {
    ranges_.erase(range);
  }
  changed_.notify_all();
  return count;
}

}  // namespace toolkit::store
