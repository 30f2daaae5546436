#pragma once
// The records of a journal's file one after the other, whatever else is in it, in the memory of a
// few of them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::sync {

class JournalScan {
 public:
  /// Of a descriptor that is borrowed: the bytes from one offset to another.
  JournalScan(int fd, std::uint64_t begin, std::uint64_t end);

  struct Item {
    std::uint64_t offset = 0;
    std::string_view bytes;  // until the next call
  };
  /// The next good record; nothing when there is none.
  [[nodiscard]] std::optional<Item> next();
  /// How often something that was no record had to be skipped to find one.
  [[nodiscard]] std::uint64_t corrupt() const { return corrupt_; }
  /// The end of the last good record, or where we began: what is behind it is torn.
  [[nodiscard]] std::uint64_t good_end() const { return good_end_; }
  /// The errno of what could not be read, which ended it; else 0.
  [[nodiscard]] int error() const { return error_; }

 private:
  [[nodiscard]] bool read_more();
  [[nodiscard]] bool skip();

  int fd_;
  std::uint64_t end_;
  std::string buffer_;
  std::size_t at_ = 0;     // in the buffer
  std::uint64_t read_to_;  // where the buffer ends
  std::uint64_t good_end_;
  std::uint64_t corrupt_ = 0;
  int error_ = 0;
};

}  // namespace toolkit::sync
