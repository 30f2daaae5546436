#include "s3_body.hpp"

#include <toolkit/net/digest.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::store {
namespace {

constexpr std::size_t kPiece = 256 << 10;

}  // namespace

Result<std::string_view> S3Body::read(std::uint64_t at) {
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, size_ - at));
  if (buffer_.size() >= wanted && buffered_at_ == at && !buffer_.empty()) {
    return std::string_view(buffer_).substr(0, wanted);
  }
  buffer_.resize(wanted);
  buffered_at_ = at;
  std::size_t have = 0;
  while (have < wanted) {
    const std::lock_guard lock(outlet_.reading);
    auto got = outlet_.content.read(offset_ + at + have, {buffer_.data() + have, wanted - have});
    if (!got || *got == 0) {
      buffer_.clear();
      return !got ? Result<std::string_view>(tl::unexpected(std::move(got.error())))
                  : fail(ErrorKind::conflict, fmt::format("{} became shorter while it was read",
                                                          outlet_.content.entry().name));
    }
    have += *got;
  }
  return std::string_view(buffer_);
}

Result<S3Body::Digests> S3Body::hash(bool tls, bool tag) {
  net::Sha256 sha256;
  net::Md5 md5;
  const bool wants_md5 = tls || tag;
  for (std::uint64_t at = 0; at < size_;) {
    TRY_ASSIGN(const std::string_view bytes, read(at));
    if (!tls) {
      sha256.add(bytes);
    }
    if (wants_md5) {
      md5.add(bytes);
    }
    at += bytes.size();
  }
  return Digests{tls ? std::string() : net::to_hex(sha256.take()),
                 wants_md5 ? md5.take() : std::string()};
}

Result<std::string_view> S3Body::piece(std::uint64_t at) {
  if (at == 0) {
    take_back();  // of an earlier try
  }
  TRY_ASSIGN(const std::string_view bytes, read(at));
  const std::lock_guard lock(outlet_.passing);
  TRY(outlet_.flow.pass(bytes.size()));
  passed_ += bytes.size();
  return bytes;
}

Result<S3Body::Digests> S3Body::attach(S3Request& request, bool tls, bool tag) {
  TRY_ASSIGN(auto digests, hash(tls, tag));
  attach(request, digests);
  return digests;
}

void S3Body::attach(S3Request& request, const Digests& digests) {
  request.body_size = size_;
  request.body = [this](std::uint64_t at) { return piece(at); };
  request.payload_hash = digests.sha256;
  if (!digests.md5.empty()) {
    request.fields.emplace_back("Content-MD5", net::to_base64(digests.md5));
  }
}

void S3Body::take_back() {
  if (passed_ > 0) {
    const std::lock_guard lock(outlet_.passing);
    outlet_.flow.again(static_cast<std::size_t>(passed_));
    passed_ = 0;
  }
}

}  // namespace toolkit::store
