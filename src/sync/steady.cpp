#include "steady.hpp"

#include <chrono>

namespace toolkit::sync {
namespace {

constexpr Milliseconds kTicks{20};  // two of the slowest clock

}  // namespace

Result<std::size_t> SteadyContent::read(std::uint64_t offset, std::span<char> into) {
  TRY_ASSIGN(const std::size_t count, content_->read(offset, into));
  if (growth_ == Growth::harmless) {
    pieces_.push_back({offset, count, hash_of(std::string_view(into.data(), count))});
  }
  return count;
}

Result<bool> SteadyContent::still_has_all() {
  for (const Piece& piece : pieces_) {
    TRY_ASSIGN(const auto hash, hash_range(*content_, piece.offset, piece.size));
    if (!hash || *hash != piece.hash) {
      return false;
    }
  }
  return true;
}

Result<void> SteadyContent::confirm() {
  TRY_ASSIGN(const store::Entry after, content_->stat());
  if (is_same_state(*before_, after)) {
    return {};
  }
  if (growth_ == Growth::harmless && after.size >= before_->size) {
    TRY_ASSIGN(const bool same, still_has_all());
    if (same) {
      return {};
    }
  }
  return fail(ErrorKind::conflict, before_->name + " changed while it was read");
}

bool is_same_state(const store::Entry& one, const store::Entry& other) {
  return one.size == other.size && one.mtime == other.mtime && one.tag == other.tag;
}

bool is_fresh(const store::Content& content, const store::Entry& now) {
  if (content.descriptor() < 0) {  // another machine's clock
    return false;
  }
  const std::chrono::nanoseconds time(now.mtime);
  const auto age = std::chrono::system_clock::now().time_since_epoch() - time;
  return age >= -kTicks && age < kTicks;
}

Result<store::Entry> settled(store::Content& content, const Halt& halt) {
  if (!halt.pause(kTicks)) {
    return fail(ErrorKind::interrupted, "the transfer was stopped");
  }
  return content.stat();
}

}  // namespace toolkit::sync
