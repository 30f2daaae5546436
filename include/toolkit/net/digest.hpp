#pragma once
// The digests that servers ask for when they want a password. All of them take and give raw bytes.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::net {

[[nodiscard]] std::string md5(std::string_view bytes);     // 16 bytes
[[nodiscard]] std::string sha1(std::string_view bytes);    // 20 bytes
[[nodiscard]] std::string sha256(std::string_view bytes);  // 32 bytes

/// The same, for bytes that come in pieces.
class PiecewiseDigest {
 public:
  void add(std::string_view bytes);
  /// The digest of all that was added; then it begins anew.
  [[nodiscard]] std::string take();

 protected:
  enum class Kind { md5, sha256 };
  explicit PiecewiseDigest(Kind kind);

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;
};

struct Sha256 : PiecewiseDigest {
  Sha256() : PiecewiseDigest(Kind::sha256) {}
};
struct Md5 : PiecewiseDigest {
  Md5() : PiecewiseDigest(Kind::md5) {}
};

/// RFC 2104.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);
/// RFC 8018, 32 bytes. Takes about 0.3 µs an iteration: whoever lets a peer choose the number
/// bounds it.
[[nodiscard]] std::string pbkdf2_sha256(std::string_view password, std::string_view salt,
                                        int iterations);
/// Bytes that nobody can guess; empty when the machine has none to give.
[[nodiscard]] std::string random_bytes(std::size_t count);

/// RFC 4648, with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);
/// Nothing for what is none.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
/// Lower case.
[[nodiscard]] std::string to_hex(std::string_view bytes);

}  // namespace toolkit::net
