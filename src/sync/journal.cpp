#include "journal.hpp"

#include "journal_file.hpp"
#include "journal_format.hpp"

#include <toolkit/base/file.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::sync {
namespace {

// Written without waiting for flush() then, so that little is in memory only.
constexpr std::size_t kPending = 64 << 10;
// A smaller file is not worth being written anew.
constexpr std::uint64_t kWorthIt = 64 << 10;

std::pair<std::uint64_t, std::uint64_t> number_of(const store::Identity& identity) {
  return {identity.device, identity.inode};
}

}  // namespace

Journal::Journal(std::string path, UniqueFd fd, std::uint64_t size_limit)
    : path_(std::move(path)), size_limit_(size_limit), fd_(std::move(fd)) {}

Result<std::unique_ptr<Journal>> Journal::open(const std::string& path, std::uint64_t size_limit) {
  TRY_ASSIGN(UniqueFd fd, open_journal_file(path));
  auto bytes = read_all(fd.get(), SIZE_MAX);
  if (!bytes) {
    return fail_errno("cannot read " + path, bytes.error());
  }
  std::unique_ptr<Journal> journal(new Journal(path, std::move(fd), size_limit));
  journal->load(*bytes);
  return journal;
}

Result<std::unique_ptr<Journal>> Journal::read(const std::string& path) {
  TRY_ASSIGN(const std::string bytes, read_file(path, SIZE_MAX));
  std::unique_ptr<Journal> journal(new Journal(path, UniqueFd(), SIZE_MAX));
  journal->load(bytes);
  return journal;
}

std::unique_ptr<Journal> Journal::in_memory() {
  return std::unique_ptr<Journal>(new Journal("", UniqueFd(), SIZE_MAX));
}

void Journal::load(const std::string& bytes) {
  if (bytes.empty()) {
    pending_ = kJournalHeader;
    return;
  }
  const std::string_view header = std::string_view(bytes).substr(0, kJournalHeader.size());
  damaged_file_ = header != kJournalHeader;
  // Records behind a damaged first line are still good.
  const std::size_t begin = damaged_file_ ? 0 : header.size();
  JournalReader reader(std::string_view(bytes).substr(begin));
  while (auto item = reader.next()) {
    const std::size_t size = item->second;
    if (auto* const file = std::get_if<FileRecord>(&item->first)) {
      apply(std::move(*file), size);
    } else if (const auto* const gone = std::get_if<ForgetRecord>(&item->first)) {
      apply_forget(gone->key);
    } else if (const auto* const other = std::get_if<NoteRecord>(&item->first)) {
      apply_note(other->name, other->value);
    }
  }
  end_ = begin + reader.good_end();
  damage_.corrupt_records = reader.corrupt();
  damage_.torn_bytes = bytes.size() - end_;
  if (damage_.torn_bytes > 0 && fd_) {
    (void)::ftruncate(fd_.get(), static_cast<off_t>(end_));  // or it is read over next time, too
  }
}

void Journal::forget_identity(const FileRecord& record) {
  const auto place = by_identity_.find(number_of(record.identity));
  if (place != by_identity_.end() && place->second == record.key) {
    by_identity_.erase(place);
  }
}

void Journal::apply(FileRecord record, std::size_t bytes) {
  apply_forget(record.key);
  if (record.identity != store::Identity{}) {
    by_identity_[number_of(record.identity)] = record.key;
  }
  live_bytes_ += bytes;
  std::string key = record.key;
  files_[std::move(key)] = {std::move(record), next_number_++, bytes};
}

void Journal::apply_forget(const std::string& key) {
  const auto place = files_.find(key);
  if (place != files_.end()) {
    forget_identity(place->second.record);
    live_bytes_ -= place->second.bytes;
    files_.erase(place);
  }
}

void Journal::apply_note(const std::string& name, const std::string& value) {
  if (const auto old = notes_.find(name); old != notes_.end()) {
    live_bytes_ -= encode(NoteRecord{name, old->second}).size();
    notes_.erase(old);
  }
  if (!value.empty()) {
    live_bytes_ += encode(NoteRecord{name, value}).size();
    notes_[name] = value;
  }
}

std::optional<FileRecord> Journal::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto place = files_.find(key);
  return place != files_.end() ? std::optional(place->second.record) : std::nullopt;
}

std::optional<FileRecord> Journal::find(const store::Identity& identity) const {
  const std::lock_guard lock(mutex_);
  const auto place = by_identity_.find(number_of(identity));
  return place != by_identity_.end() ? std::optional(files_.at(place->second).record)
                                     : std::nullopt;
}

std::vector<FileRecord> Journal::in_directory(const std::string& directory) const {
  const std::lock_guard lock(mutex_);
  std::vector<FileRecord> records;
  const std::string before = directory.empty() ? "" : directory + "/";
  auto place = files_.lower_bound(before);
  while (place != files_.end() && place->first.starts_with(before)) {
    const std::size_t slash = place->first.find('/', before.size());
    if (slash == std::string::npos) {
      records.push_back(place->second.record);
      ++place;
    } else {  // over all that is below that directory: '0' follows '/'
      place = files_.lower_bound(place->first.substr(0, slash) + '0');
    }
  }
  return records;
}

void Journal::record(FileRecord record) {
  const std::lock_guard lock(mutex_);
  const auto known = files_.find(record.key);
  if (known != files_.end() && known->second.record == record) {
    return;
  }
  std::string bytes = encode(record);
  apply(std::move(record), bytes.size());
  append(std::move(bytes));
}

void Journal::forget(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (files_.contains(key)) {
    apply_forget(key);
    append(encode(ForgetRecord{key}));
  }
}

void Journal::note(const std::string& name, const std::string& value) {
  const std::lock_guard lock(mutex_);
  const auto known = notes_.find(name);
  if ((known == notes_.end() ? std::string() : known->second) != value) {
    apply_note(name, value);
    append(encode(NoteRecord{name, value}));
  }
}

std::optional<std::string> Journal::noted(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto place = notes_.find(name);
  return place != notes_.end() ? std::optional(place->second) : std::nullopt;
}

std::uint64_t Journal::file_size() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

void Journal::append(std::string bytes) {
  if (!fd_) {
    return;
  }
  pending_ += bytes;
  unsynced_ = true;
  if (pending_.size() >= kPending) {
    (void)write_pending();  // an error is told by flush(), which tries again
  }
}

int Journal::write_pending() {
  if (damaged_file_) {
    return compact();
  }
  if (const int error = write_at(fd_.get(), end_, pending_); error != 0) {
    damaged_file_ = true;
    pending_.clear();  // all of it is in files_ and notes_
    return error;
  }
  end_ += pending_.size();
  pending_.clear();
  return 0;
}

bool Journal::is_wasteful() const {
  return end_ > size_limit_ || (end_ > kWorthIt && end_ > 2 * live_bytes_);
}

Result<void> Journal::flush() {
  const std::lock_guard lock(mutex_);
  if (!unsynced_) {
    return {};
  }
  int error = write_pending();
  if (error == 0 && is_wasteful()) {
    error = compact();
  } else if (error == 0 && ::fdatasync(fd_.get()) != 0 && errno != EINVAL) {
    error = errno;
  }
  unsynced_ = error != 0;
  return error == 0 ? Result<void>{}
                    : fail_errno("cannot write " + path_, error,
                                 "the sync goes on; its next start takes longer");
}

// Those that were recorded longest ago, until a quarter of the room is free again.
void Journal::drop_oldest() {
  std::vector<std::pair<std::uint64_t, std::string>> by_age;
  by_age.reserve(files_.size());
  for (const auto& [key, kept] : files_) {
    by_age.emplace_back(kept.number, key);
  }
  std::sort(by_age.begin(), by_age.end());
  for (const auto& [number, key] : by_age) {
    if (live_bytes_ + kJournalHeader.size() <= size_limit_ / 4 * 3) {
      break;
    }
    apply_forget(key);
  }
}

int Journal::compact() {
  if (live_bytes_ + kJournalHeader.size() > size_limit_) {
    drop_oldest();
  }
  std::vector<const Kept*> by_age;  // kept over the next start
  for (const auto& [key, kept] : files_) {
    by_age.push_back(&kept);
  }
  std::sort(by_age.begin(), by_age.end(),
            [](const Kept* one, const Kept* other) { return one->number < other->number; });
  std::string bytes(kJournalHeader);
  for (const auto& [name, value] : notes_) {
    bytes += encode(NoteRecord{name, value});
  }
  for (const Kept* kept : by_age) {
    bytes += encode(kept->record);
  }
  auto written = replace_journal_file(path_, bytes);
  if (!written) {
    return written.error();
  }
  fd_ = std::move(*written);
  end_ = bytes.size();
  live_bytes_ = end_ - kJournalHeader.size();
  pending_.clear();
  damaged_file_ = false;
  return 0;
}

}  // namespace toolkit::sync
