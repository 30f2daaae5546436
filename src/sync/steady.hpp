#pragma once
// A content that is published only as it was at one moment: what was rewritten while it was read
// would be half of the old and half of the new. One that only grew was, as far as it was read, of
// one moment too: that is proven by reading it once more.

#include "fingerprint.hpp"
#include "halt.hpp"

#include <vector>

namespace toolkit::sync {

class SteadyContent : public store::Content {
 public:
  enum class Growth {
    change,   // like every other change: nothing needs to be remembered of what is read
    harmless  // if what was read is still there; it is read through us then
  };
  /// `before`: what the file was before it is read. The content is borrowed.
  SteadyContent(store::Content& content, const store::Entry& before, Growth growth)
      : content_(&content), before_(&before), growth_(growth) {}

  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override;
  [[nodiscard]] const store::Entry& entry() const override { return content_->entry(); }
  Result<store::Entry> stat() override { return content_->stat(); }
  Result<void> confirm() override;
  [[nodiscard]] int descriptor() const override {
    return growth_ == Growth::change ? content_->descriptor() : -1;
  }

 private:
  struct Piece {
    std::uint64_t offset = 0, size = 0;
    Hash hash;
  };
  [[nodiscard]] Result<bool> still_has_all();

  store::Content* content_;
  const store::Entry* before_;
  Growth growth_;
  std::vector<Piece> pieces_;
};

/// Whether nothing has happened to a file between two looks.
[[nodiscard]] bool is_same_state(const store::Entry& one, const store::Entry& other);
/// Whether a file was changed so lately that another change might leave its time as it is: clocks
/// of file systems tick a hundred times a second.
[[nodiscard]] bool is_fresh(const store::Content& content, const store::Entry& now);
/// Looks again when the next change would show. Error: interrupted.
[[nodiscard]] Result<store::Entry> settled(store::Content& content, const Halt& halt);

}  // namespace toolkit::sync
