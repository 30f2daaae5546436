#pragma once
// A small file, read once: its proof, its tail and what is remembered of it are of the same bytes.

#include <toolkit/store/store.hpp>

#include <memory>

namespace toolkit::sync {

class Snapshot : public store::Content {
 public:
  /// As long as it was when it was opened; nothing when it has become shorter.
  [[nodiscard]] static Result<std::unique_ptr<Snapshot>> take(
      std::unique_ptr<store::Content> content);

  [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override;
  [[nodiscard]] std::string_view in_memory(std::uint64_t offset, std::size_t length) const override;
  [[nodiscard]] const store::Entry& entry() const override { return content_->entry(); }
  /// Of the file itself, as all that follows.
  [[nodiscard]] Result<store::Entry> stat() override { return content_->stat(); }
  /// Whether it still begins with the same bytes, and is not shorter.
  [[nodiscard]] Result<bool> is_still_itself();

 private:
  Snapshot(std::unique_ptr<store::Content> content, std::size_t size);
  std::unique_ptr<store::Content> content_;
  std::size_t size_;
  std::int64_t mtime_;
  bool at_rest_;  // when it was opened: on our clock, and not changed a moment ago
  std::unique_ptr<char[]> bytes_;
};

}  // namespace toolkit::sync
