#include "journal.hpp"

#include "journal_file.hpp"
#include "journal_format.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::sync {
namespace {

// Written without waiting for flush() then.
constexpr std::size_t kPending = 64 << 10;

}  // namespace

Journal::Journal(std::string path, std::uint64_t size_limit, bool writable)
    : path_(std::move(path)), size_limit_(size_limit), writable_(writable), next_write_(kPending) {}

Result<std::unique_ptr<Journal>> Journal::open(const std::string& path, std::uint64_t size_limit) {
  TRY_ASSIGN(UniqueFd fd, open_journal_file(path));
  std::unique_ptr<Journal> journal(new Journal(path, size_limit, true));
  if (const int error = journal->load(std::move(fd), journal->damage_); error != 0) {
    return fail_errno("cannot read " + path, error);
  }
  return journal;
}

Result<std::unique_ptr<Journal>> Journal::read(const std::string& path) {
  TRY_ASSIGN(UniqueFd fd, open_journal_to_read(path));
  std::unique_ptr<Journal> journal(new Journal(path, kSizeLimit, false));
  if (const int error = journal->load(std::move(fd), journal->damage_); error != 0) {
    return fail_errno("cannot read " + path, error);
  }
  return journal;
}

Result<std::unique_ptr<Journal>> Journal::in_memory() {
  auto fd = make_nameless_journal();
  std::unique_ptr<Journal> journal(new Journal("", kSizeLimit, true));
  const int error = fd ? journal->load(std::move(*fd), journal->damage_) : fd.error();
  if (error != 0) {
    return fail_errno("cannot make a file in memory", error);
  }
  return journal;
}

std::optional<FileRecord> Journal::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto offset = index_.find(key);
  auto record = offset ? decode(bytes_.record_at(*offset)) : std::nullopt;
  return record && record->key == key ? std::move(record) : std::nullopt;
}

std::vector<FileRecord> Journal::in_directory(const std::string& directory) const {
  const std::lock_guard lock(mutex_);
  const std::string before = directory.empty() ? "" : directory + '/';
  std::vector<FileRecord> records;
  for (const std::uint32_t offset : index_.in_directory(directory)) {
    auto record = decode(bytes_.record_at(offset));
    if (record && record->key.starts_with(before) &&
        record->key.find('/', before.size()) == std::string::npos) {
      records.push_back(std::move(*record));
    }
  }
  if (!std::ranges::is_sorted(records, {}, &FileRecord::key)) {  // as whoever walks wrote them
    std::ranges::sort(records, {}, &FileRecord::key);
  }
  return records;
}

void Journal::record(const FileRecord& record) {
  const std::lock_guard lock(mutex_);
  const std::string bytes = encode(record);
  const auto known = index_.find(record.key);
  if (known && bytes_.record_at(*known) == bytes) {
    return;
  }
  if (const std::uint32_t offset = append(bytes); offset != 0) {
    index_.set(record.key, offset);
    write_some();
  } else if (known) {
    index_.erase(record.key);
  }
}

void Journal::forget(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (index_.erase(key)) {
    (void)append(encode_forgotten(key));
    write_some();
  }
}

std::uint64_t Journal::file_size() const {
  const std::lock_guard lock(mutex_);
  return bytes_.end();
}

// Where it is; 0 for one that does not fit into a journal.
std::uint32_t Journal::append(std::string_view record) {
  if (record.size() > kLongestRecord || bytes_.end() + record.size() > UINT32_MAX) {
    return 0;
  }
  ++records_;
  unsynced_ = writable_;
  return static_cast<std::uint32_t>(bytes_.append(record));
}

// So that little is in memory only, and never more than a bound.
void Journal::write_some() {
  if (bytes_.pending().size() >= next_write_) {
    const bool written = writable_ && write_pending() == 0;  // flush() tells, and tries again
    next_write_ = written ? kPending : bytes_.pending().size() + kPending;
  }
  if (bytes_.pending().size() > kMostPending) {
    drop_pending();
  }
}

// What they said is proven anew some time.
void Journal::drop_pending() {
  std::string_view rest = bytes_.pending();
  while (!rest.empty()) {
    const std::string_view record = rest.substr(0, frame_at(rest).size);
    const auto name = name_of(record);
    if (name && is_newest(bytes_.end() - rest.size(), record)) {
      index_.erase(name->key);
    }
    rest.remove_prefix(record.size());
    --records_;
  }
  bytes_.drop_pending();
  next_write_ = kPending;
}

int Journal::write_pending() { return rewrite_ ? compact() : bytes_.write(); }

Result<void> Journal::flush() {
  const std::lock_guard lock(mutex_);
  if (!unsynced_) {
    return {};
  }
  int error = write_pending();
  if (error == 0 && is_wasteful()) {
    error = compact();
  } else if (error == 0 && ::fdatasync(bytes_.fd()) != 0 && errno != EINVAL) {
    error = errno;
    rewrite_ = true;  // the kernel tells it once, and what was lost stays lost
  }
  unsynced_ = error != 0;
  return error == 0 ? Result<void>{}
                    : fail_errno("cannot write " + path_, error,
                                 "the sync goes on; its next start takes longer");
}

}  // namespace toolkit::sync
