#pragma once
// What tests of stores in directories share.

#include <toolkit/store/open_store.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>

namespace toolkit::store {

class FreeFlow : public Flow {
 public:
  Result<void> pass(std::size_t bytes) override {
    if (passed + bytes > limit) {
      return fail(ErrorKind::interrupted, "stopped");
    }
    passed += bytes;
    return {};
  }
  void again(std::size_t bytes) override { wasted += bytes; }
  std::size_t passed = 0, wasted = 0, limit = ~std::size_t{0};
};

// Bytes in memory, which no kernel copy can take.
class TextContent : public Content {
 public:
  explicit TextContent(std::string bytes) : bytes_(std::move(bytes)) {
    entry_.size = bytes_.size();
  }
  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    const std::size_t from = std::min<std::size_t>(offset, bytes_.size());
    return bytes_.copy(into.data(), into.size(), from);
  }
  const Entry& entry() const override { return entry_; }
  Result<Entry> stat() override { return entry_; }

 private:
  std::string bytes_;
  Entry entry_;
};

/// Of a directory that need not be there.
inline std::unique_ptr<Store> store_at(const std::string& path) {
  Location location;
  location.path = path;
  auto store = open_store(location, {});
  return store ? std::move(*store) : nullptr;
}

inline Target target_of(const std::string& key, std::uint64_t size) {
  return {key, size, 1'600'000'000'123'456'789, 0640};
}

/// Text that repeats itself late, so that a shifted or missing piece shows.
inline std::string letters(std::size_t size) {
  std::string text(size, 'x');
  for (std::size_t i = 0; i < size; i += 7) {
    text[i] = static_cast<char>('a' + i / 7 % 26);
  }
  return text;
}

}  // namespace toolkit::store
