#pragma once
// AWS Signature Version 4 in the Authorization field, as S3 wants it: the path is escaped once and
// not normalised (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).

#include <toolkit/base/duration.hpp>
#include <toolkit/net/http_client.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toolkit::store {

struct S3Credentials;

/// In place of the payload's hash: TLS, or a checksum field, vouches for the body.
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

using S3Query =
    std::vector<std::pair<std::string, std::string>>;  // not escaped; "acl" has no value

/// Everything but A-Z a-z 0-9 - . _ ~ as %XX; slashes too unless they are kept.
[[nodiscard]] std::string s3_escape(std::string_view text, bool keep_slashes);
/// "list-type=2&prefix=a%2Fb": escaped and in the order in which it is signed. "acl" becomes
/// "acl=".
[[nodiscard]] std::string s3_query_text(const S3Query& query);

struct SignatureInput {
  std::string method;
  std::string host;  // the Host field, with a port that is not the scheme's own
  std::string path;  // escaped: "/bucket/a%20b"
  S3Query query;
  net::HttpFields fields;    // all of them are signed
  std::string payload_hash;  // hex of SHA-256, or kUnsignedPayload
  std::string region;
  std::string service = "s3";
  WallTime time;
};

/// The fields to add to those given: X-Amz-Date, X-Amz-Content-Sha256 (for s3),
/// X-Amz-Security-Token (with a session token), Authorization.
[[nodiscard]] net::HttpFields sign(const SignatureInput& input, const S3Credentials& credentials);

}  // namespace toolkit::store
