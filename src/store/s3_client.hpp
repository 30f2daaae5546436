#pragma once
// Signed requests to one bucket: finds the endpoint, the region and the key, and repeats a request
// once where the answer says how to do it right (another region, a wrong clock, a key that has
// expired). What an operation means, and how often it is tried, is its caller's business.

#include "s3_credentials.hpp"
#include "s3_signature.hpp"

#include <toolkit/net/http_client.hpp>
#include <toolkit/store/open_store.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace toolkit::store {

struct S3Request {
  std::string what;  // begins every error: "cannot write s3://bucket/a.log"
  std::string method = "GET";
  std::string key;  // not escaped; empty: the bucket itself
  S3Query query;
  net::HttpFields fields;
  // The body as in net::ClientRequest: `bytes`, or `body_size` bytes of `body`.
  std::string_view bytes;
  std::uint64_t body_size = 0;
  std::function<Result<std::string_view>(std::uint64_t offset)> body;
  /// SHA-256 of the body in hex. Empty: over plain HTTP that of `bytes`; else it is not signed.
  std::string payload_hash;
  /// Where the body of a 2xx answer goes; else it is kept, up to `body_limit`.
  std::function<Result<void>(std::string_view piece)> sink;
  std::size_t body_limit = 8 << 20;  // a listing of 1,000 keys of 1,024 bytes, escaped
  bool repeatable = true;  // false: an append, which must not be sent twice without a look
};

struct S3Answer {
  unsigned status = 0;
  net::HttpFields fields;
  std::string body;
  bool body_cut = false;
  std::string code, message;  // of an error's XML: "NoSuchKey"; empty where there is none (HEAD)

  /// 2xx; and no error in the body, as CompleteMultipartUpload and CopyObject may have it.
  [[nodiscard]] bool is_good() const { return status >= 200 && status < 300 && code.empty(); }
  /// A field's value; empty when there is none.
  [[nodiscard]] std::string field(std::string_view name) const;
};

/// What an answer that is no success means: "<what>: access denied (AccessDenied: …)", with a
/// remedy. not_found 404; conflict 409 and 412; denied 401 and 403; unavailable 408, 429, 500, 502,
/// 503, 504, and the codes RequestTimeout, SlowDown, InternalError, ServiceUnavailable; else
/// failed.
[[nodiscard]] Error error_of(const S3Answer& answer, std::string_view what);

/// The text between the first <name> and </name>, its entities undone; empty when there is none.
[[nodiscard]] std::string xml_text(std::string_view xml, std::string_view name);

class S3Client {
 public:
  /// Connects to nothing yet. Errors: usage; an endpoint that is no URL, a profile file that cannot
  /// be understood.
  [[nodiscard]] static Result<std::unique_ptr<S3Client>> make(std::string bucket,
                                                              const Settings& settings);
  virtual ~S3Client() = default;

  /// From several threads at once. Any final answer is a result, whatever its status; errors are
  /// those of the connection (unavailable), of the credentials, of `body` and `sink`.
  [[nodiscard]] virtual Result<S3Answer> send(const S3Request& request) = 0;
  /// The same; an answer that is no success is an error too.
  [[nodiscard]] Result<S3Answer> demand(const S3Request& request);

  /// "/bucket/key", escaped, for x-amz-copy-source.
  [[nodiscard]] virtual std::string copy_source(std::string_view key) const = 0;
  /// "https://host:port", for what is remembered per endpoint.
  [[nodiscard]] virtual std::string endpoint() const = 0;
  [[nodiscard]] virtual bool uses_tls() const = 0;
  /// Whether objects came with Ceph's fields: for the order in which things are tried, not for
  /// more.
  [[nodiscard]] virtual bool seems_ceph() const = 0;
  /// The server's clock, as far as it is known.
  [[nodiscard]] virtual WallTime now() const = 0;
};

}  // namespace toolkit::store
