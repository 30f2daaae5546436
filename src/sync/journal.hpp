#pragma once
// What a sync remembers from one run to the next: of growing files and of transfers under way, how
// much of which file is proven at the destination. One append-only file with a checksum a record.
// To lose it, or to find it stale or damaged, costs time and never truth.
//
// In memory is only where the newest record of each file lies, in 24 to 32 bytes a file; the record
// is read when it is asked for.

#include "fingerprint.hpp"
#include "journal_bytes.hpp"
#include "journal_index.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace toolkit::sync {

struct FileRecord {
  std::string key;           // at the destination
  store::Identity identity;  // of the source
  std::uint64_t proven = 0;  // the first so many bytes are there
  std::int64_t mtime = 0;    // of the source then, nanoseconds since 1970
  Window head;               // of the source: its first bytes
  Window marker;             // of the source: the last bytes before `proven`
  std::string memo;          // the store's own, of a transfer under way
  bool operator==(const FileRecord&) const = default;
};

/// What was wrong with a journal when it was opened.
struct JournalDamage {
  std::uint64_t corrupt_records = 0;  // skipped
  std::uint64_t torn_bytes = 0;       // dropped at the end: a write that was cut off
};

class Journal {
 public:
  /// Room for the records of about four million files.
  static constexpr std::uint64_t kSizeLimit = 512 << 20;

  /// Makes it and its directory where they are missing. Errors: conflict when another process has
  /// it open; denied, failed. What is damaged in it is left out and counted. `size_limit` in bytes:
  /// beyond it the records that were written longest ago are forgotten.
  [[nodiscard]] static Result<std::unique_ptr<Journal>> open(const std::string& path,
                                                             std::uint64_t size_limit = kSizeLimit);
  /// What one says now; nothing is made, locked or written, and what is recorded stays here.
  [[nodiscard]] static Result<std::unique_ptr<Journal>> read(const std::string& path);
  /// One that ends with us.
  [[nodiscard]] static Result<std::unique_ptr<Journal>> in_memory();

  // All of these from any thread; what they return are copies.
  [[nodiscard]] std::optional<FileRecord> find(const std::string& key) const;
  /// Of the files directly in a directory ("" is the root), sorted by key.
  [[nodiscard]] std::vector<FileRecord> in_directory(const std::string& directory) const;
  void record(const FileRecord& record);
  void forget(const std::string& key);

  /// What has been recorded since is on disk. After an error it is tried again next time, as far as
  /// it fits into kMostPending.
  [[nodiscard]] Result<void> flush();
  [[nodiscard]] const JournalDamage& damage() const { return damage_; }
  [[nodiscard]] std::uint64_t file_size() const;

  /// Of records on a disk that is full: beyond it they are forgotten.
  static constexpr std::size_t kMostPending = 1 << 20;

 private:
  Journal(std::string path, std::uint64_t size_limit, bool writable);
  [[nodiscard]] int load(UniqueFd fd, JournalDamage& damage);
  void apply(std::uint64_t offset, std::string_view record);
  [[nodiscard]] std::uint32_t append(std::string_view record);
  void write_some();
  void drop_pending();
  [[nodiscard]] int write_pending();
  [[nodiscard]] bool is_wasteful() const;
  [[nodiscard]] int compact();
  [[nodiscard]] int rewrite(std::uint64_t from);
  [[nodiscard]] bool is_newest(std::uint64_t offset, std::string_view record) const;

  const std::string path_;  // "" has no name
  const std::uint64_t size_limit_;
  const bool writable_;
  mutable std::mutex mutex_;
  mutable JournalBytes bytes_;
  JournalIndex index_;
  std::uint64_t records_ = 0;  // in the file and pending, also those that no longer count
  std::size_t next_write_;     // when so much is pending
  bool rewrite_ = false;       // the file is no good: a new one takes its place
  bool unsynced_ = false;
  JournalDamage damage_;
};

}  // namespace toolkit::sync
