#include "snapshot.hpp"

#include "fingerprint.hpp"
#include "proof.hpp"
#include "steady.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace toolkit::sync {
namespace {

constexpr std::size_t kAllCompared = 16 << 10;

}  // namespace

Snapshot::Snapshot(std::unique_ptr<store::Content> content, std::size_t size)
    : content_(std::move(content)),
      size_(size),
      mtime_(content_->entry().mtime),
      at_rest_(content_->descriptor() >= 0 && !is_fresh(*content_, content_->entry())),
      bytes_(std::make_unique_for_overwrite<char[]>(size)) {}

Result<std::unique_ptr<Snapshot>> Snapshot::take(std::unique_ptr<store::Content> content) {
  const auto size = static_cast<std::size_t>(content->entry().size);
  std::unique_ptr<Snapshot> snapshot(new Snapshot(std::move(content), size));
  TRY_ASSIGN(const std::size_t have,
             read_fully(*snapshot->content_, 0, {snapshot->bytes_.get(), size}));
  return have == size ? std::move(snapshot) : nullptr;
}

Result<std::size_t> Snapshot::read(std::uint64_t offset, std::span<char> into) {
  const std::size_t from = std::min<std::uint64_t>(offset, size_);
  const std::size_t count = std::min(size_ - from, into.size());
  std::memcpy(into.data(), bytes_.get() + from, count);
  return count;
}

std::string_view Snapshot::in_memory(std::uint64_t offset, std::size_t length) const {
  return offset <= size_ && length <= size_ - offset
             ? std::string_view(bytes_.get() + offset, length)
             : std::string_view();
}

// Every change of a file at rest shows in its time. Else, of a short one, all bytes are compared.
Result<bool> Snapshot::is_still_itself() {
  std::array<char, kAllCompared> now;
  const bool is_short = size_ <= now.size();
  if (at_rest_ || !is_short) {
    TRY_ASSIGN(const store::Entry entry, content_->stat());
    if (entry.size < size_) {
      return false;
    }
    if (at_rest_ && entry.size == size_ && entry.mtime == mtime_) {
      return true;
    }
  }
  const std::size_t length = is_short ? size_ : kHeadLength;
  TRY_ASSIGN(const std::size_t have, read_fully(*content_, 0, std::span(now).first(length)));
  return have == length && std::memcmp(now.data(), bytes_.get(), length) == 0;
}

}  // namespace toolkit::sync
