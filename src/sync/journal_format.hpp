#pragma once
// The journal's bytes. A line that names the format, then records of
//   mark (4 bytes)  CRC-32C of all behind it (4)  length of the payload (4)  payload
// with these numbers little-endian, and those in the payload as LEB128: small ones are short. The
// mark lets a reader find the next record behind a damaged one; of another version it is another.

#include "journal.hpp"

#include <string>
#include <string_view>

namespace toolkit::sync {

constexpr std::string_view kJournalHeader = "toolkit sync journal 2\n";
constexpr std::string_view kJournalMark = "\xF5TJ2";
constexpr std::size_t kLongestRecord = 64 << 10;

[[nodiscard]] std::string encode(const FileRecord& record);
/// That nothing is known of this file any more.
[[nodiscard]] std::string encode_forgotten(std::string_view key);

/// What begins where some bytes do. `cut_off`: it may be a record, and goes on behind them.
struct Frame {
  enum class Is { record, cut_off, damaged };
  Is is = Is::damaged;
  std::size_t size = 0;  // of a record
};
[[nodiscard]] Frame frame_at(std::string_view bytes);

// Of a record that frame_at() has found to be whole.

/// What it is about: without its other fields. Nothing for a form that we do not know.
struct RecordName {
  std::string_view key;
  bool forgotten = false;
};
[[nodiscard]] std::optional<RecordName> name_of(std::string_view record);
[[nodiscard]] std::optional<FileRecord> decode(std::string_view record);

}  // namespace toolkit::sync
