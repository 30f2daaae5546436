// How a journal is read when it is opened, and written anew without what no longer counts.

#include "journal.hpp"
#include "journal_draft.hpp"
#include "journal_file.hpp"
#include "journal_format.hpp"
#include "journal_scan.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::sync {
namespace {

// A smaller file is not worth being written anew.
constexpr std::uint64_t kWorthIt = 64 << 10;

bool has_header(int fd) {
  std::string line(kJournalHeader.size(), '\0');
  return read_at(fd, 0, line).value_or(0) == line.size() && line == kJournalHeader;
}

}  // namespace

// The errno. Records behind a damaged first line are still good, and the line tells nothing of
// them: each has the version in its mark.
int Journal::load(UniqueFd fd, JournalDamage& damage) {
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) {
    return errno;
  }
  auto size = static_cast<std::uint64_t>(status.st_size);
  if (size == 0 && writable_ && write_at(fd.get(), 0, kJournalHeader) == 0) {
    size = kJournalHeader.size();
  }
  index_ = {};
  records_ = 0;
  const std::uint64_t begin = kJournalHeader.size();
  const bool too_large = size > UINT32_MAX;  // for an offset in the index
  rewrite_ = too_large || !has_header(fd.get());
  JournalScan scan(fd.get(), begin, too_large ? begin : std::max(size, begin));
  while (const auto item = scan.next()) {
    apply(item->offset, item->bytes);
  }
  damage.corrupt_records = scan.corrupt() + (rewrite_ && records_ > 0 ? 1 : 0);
  damage.torn_bytes = size - std::min(size, scan.good_end());
  if (damage.torn_bytes > 0 && writable_ && !rewrite_) {
    // Or it is read over next time, too.
    (void)::ftruncate(fd.get(), static_cast<off_t>(scan.good_end()));
  }
  bytes_ = JournalBytes(std::move(fd), scan.good_end());
  return scan.error();
}

void Journal::apply(std::uint64_t offset, std::string_view record) {
  ++records_;
  const auto name = name_of(record);
  if (name && name->forgotten) {
    index_.erase(name->key);
  } else if (name) {
    index_.set(name->key, static_cast<std::uint32_t>(offset));
  }
}

bool Journal::is_newest(std::uint64_t offset, std::string_view record) const {
  const auto name = name_of(record);
  return name && index_.find(name->key) == offset;
}

bool Journal::is_wasteful() const {
  return bytes_.end() > size_limit_ || (bytes_.end() > kWorthIt && records_ > 2 * index_.size());
}

// Beyond the limit those that were written first go, until a quarter of the room is free again.
int Journal::compact() {
  int error = rewrite(0);
  if (error == 0 && bytes_.end() > size_limit_) {
    error = rewrite(bytes_.end() - size_limit_ / 4 * 3);
  }
  return error;
}

// All that count from that offset on, in their order.
int Journal::rewrite(std::uint64_t from) {
  JournalDraft draft(path_);
  draft.write(kJournalHeader);
  const auto keep = [&](std::uint64_t offset, std::string_view record) {
    if (offset >= from && is_newest(offset, record)) {
      draft.write(record);
    }
  };
  JournalScan scan(bytes_.fd(), kJournalHeader.size(), bytes_.written());
  while (const auto item = scan.next()) {
    keep(item->offset, item->bytes);
  }
  std::string_view rest = bytes_.pending();
  while (!rest.empty()) {
    const std::string_view record = rest.substr(0, frame_at(rest).size);
    keep(bytes_.end() - rest.size(), record);
    rest.remove_prefix(record.size());
  }
  auto fd = draft.commit();
  JournalDamage none;
  return fd ? load(std::move(*fd), none) : fd.error();
}

}  // namespace toolkit::sync
