#include "journal_scan.hpp"

#include "journal_file.hpp"
#include "journal_format.hpp"

#include <algorithm>

namespace toolkit::sync {
namespace {

constexpr std::size_t kPiece = 128 << 10;

}  // namespace

JournalScan::JournalScan(int fd, std::uint64_t begin, std::uint64_t end)
    : fd_(fd), end_(end), read_to_(begin), good_end_(begin) {}

std::optional<JournalScan::Item> JournalScan::next() {
  while (true) {
    const std::string_view bytes = std::string_view(buffer_).substr(at_);
    const Frame frame = frame_at(bytes);
    if (frame.is == Frame::Is::record) {
      const Item item{read_to_ - bytes.size(), bytes.substr(0, frame.size)};
      corrupt_ += item.offset != good_end_ ? 1U : 0U;
      good_end_ = item.offset + frame.size;
      at_ += frame.size;
      return item;
    }
    const bool goes_on = frame.is == Frame::Is::cut_off && read_more();
    if (!goes_on && !skip()) {
      return std::nullopt;
    }
  }
}

// To where the next record may begin. False: nowhere.
bool JournalScan::skip() {
  const std::size_t found = buffer_.find(kJournalMark, at_ + 1);
  if (found != std::string::npos) {
    at_ = found;
    return true;
  }
  const std::size_t last = buffer_.size() - std::min(buffer_.size(), kJournalMark.size() - 1);
  const bool moved = std::max(at_ + 1, last) < buffer_.size();
  at_ = std::min(std::max(at_ + 1, last), buffer_.size());
  return read_more() || moved;
}

bool JournalScan::read_more() {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, end_ - read_to_));
  if (wanted == 0 || error_ != 0) {
    return false;
  }
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + wanted);
  const auto count = read_at(fd_, read_to_, std::span(buffer_).subspan(before));
  error_ = count ? 0 : count.error();
  buffer_.resize(before + count.value_or(0));
  read_to_ += count.value_or(0);
  end_ = count.value_or(0) == 0 ? read_to_ : end_;  // it has become shorter
  return count.value_or(0) > 0;
}

}  // namespace toolkit::sync
