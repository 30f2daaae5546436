#pragma once
// Where in a journal's file the newest record of each key is: in 24 to 32 bytes a key, whatever
// its length. Keys are known by their hashes only, so who asks holds the record's key against its
// own. Of two keys with the same hashes (64 bits, of which 32 are the directory's) the later one
// remains; the other one is then unknown, which costs time.

#include "number_table.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace toolkit::sync {

class JournalIndex {
 public:
  /// `offset` is not 0.
  void set(std::string_view key, std::uint32_t offset);
  /// Whether it was known.
  bool erase(std::string_view key);
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view key) const;
  /// Those that may be directly in a directory ("" is the root), in ascending order.
  [[nodiscard]] std::vector<std::uint32_t> in_directory(std::string_view directory) const;
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Entry {
    std::uint32_t key = 0, directory = 0;  // hashes
    std::uint32_t offset = 0;              // 0: erased
    std::uint32_t next = 0;                // in its directory, + 1; 0 is the end
  };
  [[nodiscard]] static Entry entry_of(std::string_view key);
  [[nodiscard]] std::optional<std::uint32_t> number_of(const Entry& entry) const;
  void add(const Entry& entry);

  std::vector<Entry> entries_;
  NumberTable by_key_;
  NumberTable directories_;  // the entry of each that was added last
  std::size_t size_ = 0;     // without those that were erased
};

}  // namespace toolkit::sync
