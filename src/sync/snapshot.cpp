#include "snapshot.hpp"

#include "fingerprint.hpp"
#include "proof.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace toolkit::sync {

Snapshot::Snapshot(std::unique_ptr<store::Content> content, std::size_t size)
    : content_(std::move(content)),
      size_(size),
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

Result<bool> Snapshot::is_still_itself() {
  TRY_ASSIGN(const store::Entry now, content_->stat());
  std::array<char, kHeadLength> head;
  const std::size_t length = std::min<std::size_t>(size_, head.size());
  TRY_ASSIGN(const std::size_t have, read_fully(*content_, 0, std::span(head).first(length)));
  return now.size >= size_ && have == length && std::memcmp(head.data(), bytes_.get(), length) == 0;
}

}  // namespace toolkit::sync
