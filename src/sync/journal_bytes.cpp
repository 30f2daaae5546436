#include "journal_bytes.hpp"

#include "journal_file.hpp"
#include "journal_format.hpp"

#include <unistd.h>

#include <algorithm>

namespace toolkit::sync {
namespace {

constexpr std::size_t kWindow = 32 << 10;

std::string_view whole_record(std::string_view bytes) {
  return bytes.substr(0, frame_at(bytes).size);
}

}  // namespace

std::string_view JournalBytes::record_at(std::uint64_t offset) {
  if (offset >= written_) {
    return whole_record(pending().substr(offset - written_));
  }
  if (const auto record = in_a_window(offset); !record.empty()) {
    return record;
  }
  Window& window = *std::ranges::min_element(windows_, {}, &Window::last_use);
  window.begin = offset;
  window.last_use = ++uses_;
  for (const std::size_t size : {kWindow, kLongestRecord}) {  // nearly all fit the first
    window.bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(size, written_ - offset)));
    window.bytes.resize(read_at(fd_.get(), offset, window.bytes).value_or(0));
    if (const auto record = whole_record(window.bytes); !record.empty()) {
      return record;
    }
  }
  return {};
}

std::string_view JournalBytes::in_a_window(std::uint64_t offset) {
  for (Window& window : windows_) {
    if (offset >= window.begin && offset - window.begin < window.bytes.size()) {
      const auto record =
          whole_record(std::string_view(window.bytes).substr(offset - window.begin));
      if (!record.empty()) {
        window.last_use = ++uses_;
        return record;
      }
    }
  }
  return {};
}

std::uint64_t JournalBytes::append(std::string_view record) {
  const std::uint64_t offset = end();
  pending_ += record;
  return offset;
}

int JournalBytes::write() {
  if (const int error = write_at(fd_.get(), written_, pending_); error != 0) {
    (void)::ftruncate(fd_.get(), static_cast<off_t>(written_));  // or it is overwritten next time
    return error;
  }
  written_ += pending_.size();
  pending_.clear();
  return 0;
}

}  // namespace toolkit::sync
