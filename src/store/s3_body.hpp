#pragma once
// A stretch of a content on its way out: hashed first, then counted and held back as it goes. It is
// read twice, which the page cache makes cheaper than memory for every part that is under way.

#include "s3_client.hpp"

#include <toolkit/store/store.hpp>

#include <mutex>
#include <string>

namespace toolkit::store {

/// What several threads share while they send parts of one content: neither the content nor the
/// flow need be made for that.
struct S3Outlet {
  Content& content;
  Flow& flow;
  std::mutex reading{}, passing{};
};

class S3Body {
 public:
  S3Body(S3Outlet& outlet, std::uint64_t offset, std::uint64_t size)
      : outlet_(outlet), offset_(offset), size_(size) {}

  /// What vouches for the bytes: over plain HTTP the signature with their SHA-256, over TLS their
  /// MD5; `tag` adds the MD5 in any case, to be held against the ETag. `conflict` when the content
  /// has become shorter.
  struct Digests {
    std::string sha256;  // in hex, or empty
    std::string md5;     // raw, or empty
  };
  [[nodiscard]] Result<Digests> hash(bool tls, bool tag);

  /// Makes it the request's body, with the fields that vouch for it.
  [[nodiscard]] Result<Digests> attach(S3Request& request, bool tls, bool tag);
  void attach(S3Request& request, const Digests& digests);

  /// What went out and is not stored: it will go out again, or never counts.
  void take_back();

 private:
  [[nodiscard]] Result<std::string_view> piece(std::uint64_t at);
  [[nodiscard]] Result<std::string_view> read(std::uint64_t at);

  S3Outlet& outlet_;
  std::uint64_t offset_, size_;
  std::uint64_t passed_ = 0;
  std::string buffer_;
  std::uint64_t buffered_at_ = 0;  // what buffer_ holds: small bodies are read once
};

}  // namespace toolkit::store
