#pragma once
// Moves the bytes of a Content into a local file: inside the kernel where both ends allow it, else
// through a buffer.

#include <toolkit/store/store.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace toolkit::store {

class LocalCopy {
 public:
  /// Borrows all of them; `path` is what messages call the file behind `out`.
  LocalCopy(Content& content, int out, const std::string& path, Flow& flow);

  /// The bytes from..to to the same offsets of the file, in order: what is there after an error is
  /// a true prefix. `conflict` when the content has become shorter than `to`.
  [[nodiscard]] Result<void> run(std::uint64_t from, std::uint64_t to);
  /// Up to where the bytes have been written.
  [[nodiscard]] std::uint64_t written() const { return at_; }

 private:
  enum class Way { copy_range, send_file, buffer };
  [[nodiscard]] Result<void> piece(std::uint64_t end);
  [[nodiscard]] bool in_kernel(std::uint64_t end);
  [[nodiscard]] Result<void> through_buffer(std::uint64_t end);
  [[nodiscard]] Result<void> write(std::string_view bytes);

  Content& content_;
  int out_;
  const std::string& path_;
  Flow& flow_;
  Way way_;
  std::uint64_t at_ = 0;
  std::unique_ptr<char[]> buffer_;
  std::size_t room_ = 0;  // in it
};

}  // namespace toolkit::store
