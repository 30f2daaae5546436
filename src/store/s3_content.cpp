#include "s3_content.hpp"

#include "s3_ranges.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

namespace toolkit::store {
namespace {

constexpr std::size_t kAhead = 1 << 20;
constexpr std::uint64_t kWorthStreaming = 256 << 10;

}  // namespace

S3Stream::S3Stream(const S3Place& place, std::string key, const Entry& entry, std::uint64_t offset)
    : position_(offset), thread_([this, &place, key = std::move(key), entry, offset] {
        fetch(place, key, entry, offset);
      }) {}

S3Stream::~S3Stream() {
  const std::lock_guard lock(mutex_);
  unwanted_ = true;
  changed_.notify_all();
}

void S3Stream::fetch(const S3Place& place, const std::string& key, const Entry& entry,
                     std::uint64_t offset) {
  S3Request request;
  request.what = place.cannot("read", key);
  request.key = place.object(key);
  request.fields = {{"Range", fmt::format("bytes={}-{}", offset, entry.size - 1)},
                    {"If-Match", "\"" + entry.tag + "\""}};
  request.sink = [this](std::string_view piece) { return take(piece); };
  const auto answer = place.client->send(request);
  const std::lock_guard lock(mutex_);
  if (!answer) {
    error_ = answer.error();
  } else if (answer->status == 412 || answer->status == 416) {
    error_ = Error{ErrorKind::conflict, request.what + ": it has changed", {}, 0};
  } else if (answer->status != 206) {
    error_ = answer->is_good()
                 ? Error{ErrorKind::failed, request.what + ": the server knows no ranges", {}, 0}
                 : error_of(*answer, request.what);
  }
  ended_ = true;
  changed_.notify_all();
}

Result<void> S3Stream::take(std::string_view piece) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return unwanted_ || buffer_.size() - taken_ < kAhead; });
  if (unwanted_) {
    return fail(ErrorKind::interrupted, "no longer wanted");
  }
  buffer_.erase(0, taken_);
  taken_ = 0;
  buffer_ += piece;
  changed_.notify_all();
  return {};
}

Result<std::size_t> S3Stream::read(std::span<char> into) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ || buffer_.size() > taken_; });
  if (buffer_.size() == taken_) {
    return error_ ? Result<std::size_t>(tl::unexpected(*error_)) : 0;
  }
  const std::size_t count = std::min(into.size(), buffer_.size() - taken_);
  std::memcpy(into.data(), buffer_.data() + taken_, count);
  taken_ += count;
  position_ += count;
  changed_.notify_all();
  return count;
}

std::unique_ptr<S3Ahead> S3Content::read_on(std::uint64_t offset) const {
  if (auto ranges = S3Ranges::of(place_, key_, entry_, offset)) {
    return ranges;
  }
  return std::make_unique<S3Stream>(place_, key_, entry_, offset);
}

Result<std::size_t> S3Content::read(std::uint64_t offset, std::span<char> into) {
  if (offset >= entry_.size || into.empty()) {
    return 0;
  }
  const std::lock_guard lock(mutex_);
  const std::uint64_t left = entry_.size - offset;
  if (!stream_ || stream_->position() != offset) {
    stream_.reset();
    // The second read in a row, or a first one that wants it all.
    const bool reads_on = offset == last_end_ || into.size() >= kWorthStreaming;
    if (reads_on && left > std::max<std::uint64_t>(into.size(), kWorthStreaming)) {
      stream_ = read_on(offset);
    }
  }
  if (stream_) {
    auto count = stream_->read(into);
    if (count && *count > 0) {
      last_end_ = offset + *count;
      return count;
    }
    stream_.reset();
    if (!count && count.error().kind != ErrorKind::unavailable) {
      return count;
    }
    // Broken off, perhaps because we read too slowly: asked for anew, from here.
  }
  const std::uint64_t wanted = std::min<std::uint64_t>(left, std::min(into.size(), kAhead));
  TRY_ASSIGN(const std::string bytes, read_range(place_, key_, offset, wanted, entry_.tag));
  std::memcpy(into.data(), bytes.data(), bytes.size());
  last_end_ = offset + bytes.size();
  return bytes.size();
}

Result<Entry> S3Content::stat() {
  TRY_ASSIGN(const auto entry, look(place_, key_));
  if (!entry) {
    return fail(ErrorKind::not_found, place_.cannot("look at", key_) + ": not found");
  }
  return *entry;
}

}  // namespace toolkit::store
