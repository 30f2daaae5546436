#pragma once
// Keys as other programs hand them out: JSON of a container's endpoint, of the instance's and of a
// credential_process; XML of STS.

#include "s3_credentials.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace toolkit::store {

/// "2019-11-09T13:34:41Z", with a fraction or an offset too (RFC 3339); nothing for anything else.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

/// AccessKeyId, SecretAccessKey, Token or SessionToken, Expiration; a Code other than Success is a
/// refusal. Errors: denied for a refusal, else failed: "<source>: …". They quote nothing of the
/// text but Code and Message.
[[nodiscard]] Result<S3Credentials> parse_credentials_json(std::string_view text,
                                                           const std::string& source);
/// The Credentials of an AssumeRole answer. Error: failed.
[[nodiscard]] Result<S3Credentials> parse_credentials_xml(std::string_view text,
                                                          const std::string& source);

}  // namespace toolkit::store
