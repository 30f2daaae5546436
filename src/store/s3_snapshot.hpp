#pragma once
// Everything below a store's root as one flat listing told it, in about 50 bytes an object: a
// thousand objects cost one request, and then no directory costs another.

#include "s3_xml.hpp"

#include <toolkit/store/store.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::store {

/// Whether the keys of a store can be such a name: no empty, "." or ".." component. A slash at the
/// end is fine here: such objects stand for directories.
[[nodiscard]] bool is_file_path(std::string_view key);

/// The entry of an object, called `name`. Its time is that of the upload.
[[nodiscard]] Entry entry_of(const S3Object& object, std::string_view name);
[[nodiscard]] Entry directory_entry(std::string_view name);

class S3Snapshot {
 public:
  /// The objects of the next page, their keys below the root. What is no file path is left out.
  void add(std::span<const S3Object> objects);
  /// No more pages. `complete`: these were all; else all up to the last key.
  void finish(bool complete);

  /// Whether list() of this directory knows all that is in it.
  [[nodiscard]] bool covers(std::string_view directory) const;
  /// What is directly in it, sorted by name as bytes.
  [[nodiscard]] std::vector<Entry> list(std::string_view directory) const;
  [[nodiscard]] std::size_t bytes() const;  // of memory

 private:
  struct Block {
    std::string first_key;
    std::string records;
    std::size_t count = 0;
  };
  class Reader;

  void append(const S3Object& object);
  void sort();

  std::vector<Block> blocks_;
  std::string last_key_;
  bool sorted_ = true, complete_ = false;
};

}  // namespace toolkit::store
