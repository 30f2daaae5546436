#pragma once
// Bytes at offsets: a file's, or a test's. Reads instead of a mapping: a library that is cut short
// while we look at it is an error here and a SIGBUS there, and what is only looked at does not
// become resident.

#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace toolkit::gpu {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// As many bytes from `offset` on as are there, at most `into`.
  [[nodiscard]] virtual std::size_t read(std::uint64_t offset, std::span<char> into) const = 0;
};

class MemoryBytes : public ByteSource {
 public:
  explicit MemoryBytes(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] std::size_t read(std::uint64_t offset, std::span<char> into) const override;

 private:
  std::string_view bytes_;
};

class FileBytes : public ByteSource {
 public:
  /// A regular file; the error is the errno.
  [[nodiscard]] static tl::expected<FileBytes, int> open(const std::string& path);
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::size_t read(std::uint64_t offset, std::span<char> into) const override;

 private:
  UniqueFd fd_;
  std::uint64_t size_ = 0;
};

/// A page of a source, kept while the next questions lie in it.
class Window {
 public:
  explicit Window(const ByteSource& source) : source_(source) {}

  /// `length` bytes at `offset`, valid until the next call; fewer at the source's end.
  [[nodiscard]] std::string_view at(std::uint64_t offset, std::size_t length);
  /// All of them or an empty view.
  [[nodiscard]] std::string_view exactly(std::uint64_t offset, std::size_t length);
  /// How many bytes have been asked of the source.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  static constexpr std::size_t kPage = 4096;
  const ByteSource& source_;
  std::array<char, 2 * kPage> buffer_{};  // what straddles a page's end is in one piece
  std::uint64_t begin_ = 0, end_ = 0;
  std::uint64_t bytes_read_ = 0;
};

/// A number in the byte order of the formats that we read: ELF of x86-64 and arm64, fatbins.
template <typename T>
[[nodiscard]] T little_endian(std::string_view bytes, std::size_t offset) {
  T value = 0;
  for (std::size_t i = sizeof(T); i > 0; --i) {
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[offset + i - 1]));
  }
  return value;
}

}  // namespace toolkit::gpu
