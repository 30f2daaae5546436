#pragma once
// The journal's bytes. A line that names the format, then records of
//   mark (4 bytes)  length of the payload (4)  CRC-32 of length and payload (4)  payload
// with all numbers little-endian. The mark lets a reader find the next record behind a damaged one.

#include "journal.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace toolkit::sync {

struct ForgetRecord {
  std::string key;
};
struct NoteRecord {
  std::string name, value;
};
using JournalRecord = std::variant<FileRecord, ForgetRecord, NoteRecord>;

constexpr std::string_view kJournalHeader = "toolkit sync journal 1\n";

[[nodiscard]] std::string encode(const JournalRecord& record);

/// Reads records one after the other; never beyond the bytes, whatever they are.
class JournalReader {
 public:
  explicit JournalReader(std::string_view bytes) : bytes_(bytes) {}
  /// The next good record and how long it is; nothing when there is none.
  [[nodiscard]] std::optional<std::pair<JournalRecord, std::size_t>> next();
  /// How often something that was no record had to be skipped to find one.
  [[nodiscard]] std::uint64_t corrupt() const { return corrupt_; }
  /// The end of the last good record: what is behind it is torn.
  [[nodiscard]] std::size_t good_end() const { return good_end_; }

 private:
  std::string_view bytes_;
  std::size_t good_end_ = 0;
  std::uint64_t corrupt_ = 0;
};

}  // namespace toolkit::sync
