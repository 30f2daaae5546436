#pragma once
// What a sync remembers from one run to the next: of growing files and of transfers under way, how
// much of which file is proven at the destination. One append-only file with a checksum a record.
// To lose it, or to find it stale or damaged, costs time and never truth.

#include "fingerprint.hpp"

#include <toolkit/base/unique_fd.hpp>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
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
  std::uint32_t generation = 0;
  bool operator==(const FileRecord&) const = default;
};

/// What was wrong with a journal when it was opened.
struct JournalDamage {
  std::uint64_t corrupt_records = 0;  // skipped
  std::uint64_t torn_bytes = 0;       // dropped at the end: a write that was cut off
};

class Journal {
 public:
  /// Makes it and its directory where they are missing. Errors: conflict when another process has
  /// it open; denied, failed. What is damaged in it is left out and counted. `size_limit` in bytes:
  /// beyond it the records that were written longest ago are forgotten.
  [[nodiscard]] static Result<std::unique_ptr<Journal>> open(const std::string& path,
                                                             std::uint64_t size_limit = 64 << 20);
  /// What one says now; nothing is made, locked or written, and what is recorded stays here.
  [[nodiscard]] static Result<std::unique_ptr<Journal>> read(const std::string& path);
  [[nodiscard]] static std::unique_ptr<Journal> in_memory();

  // All of these from any thread; what they return are copies.
  [[nodiscard]] std::optional<FileRecord> find(const std::string& key) const;
  /// For renames: the file is known, its name is not. The latest of several.
  [[nodiscard]] std::optional<FileRecord> find(const store::Identity& identity) const;
  /// Of the files directly in a directory ("" is the root), sorted by key.
  [[nodiscard]] std::vector<FileRecord> in_directory(const std::string& directory) const;
  void record(FileRecord record);
  void forget(const std::string& key);
  /// Other things worth keeping: what an endpoint can do. An empty value forgets.
  void note(const std::string& name, const std::string& value);
  [[nodiscard]] std::optional<std::string> noted(const std::string& name) const;

  /// What has been recorded since is on disk. After an error all of it is tried again next time.
  [[nodiscard]] Result<void> flush();
  [[nodiscard]] const JournalDamage& damage() const { return damage_; }
  [[nodiscard]] std::uint64_t file_size() const;

 private:
  struct Kept {
    FileRecord record;
    std::uint64_t number = 0;  // in the order of recording
    std::size_t bytes = 0;     // of the record in the file
  };
  Journal(std::string path, UniqueFd fd, std::uint64_t size_limit);
  void load(const std::string& bytes);
  void apply(FileRecord record, std::size_t bytes);
  void apply_forget(const std::string& key);
  void apply_note(const std::string& name, const std::string& value);
  void forget_identity(const FileRecord& record);
  void append(std::string bytes);
  [[nodiscard]] bool is_wasteful() const;
  [[nodiscard]] int write_pending();
  [[nodiscard]] int compact();
  void drop_oldest();

  const std::string path_;
  const std::uint64_t size_limit_;
  mutable std::mutex mutex_;
  UniqueFd fd_;
  std::uint64_t end_ = 0;         // of the good records in the file
  std::uint64_t live_bytes_ = 0;  // of those that still count
  bool damaged_file_ = false;     // a write failed: the file is written anew
  bool unsynced_ = false;
  std::string pending_;
  std::uint64_t next_number_ = 0;
  std::map<std::string, Kept> files_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> by_identity_;
  std::map<std::string, std::string> notes_;
  JournalDamage damage_;
};

}  // namespace toolkit::sync
