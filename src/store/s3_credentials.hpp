#pragma once
// The key for an S3 endpoint, found where a container may have it and renewed before it ends. The
// order is that of the AWS SDKs: a profile that was asked for; AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; web identity (STS); the shared files' profile
// (static, role_arn, credential_process); the container's endpoint; the instance's (IMDSv2)
// (docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html).

#include <toolkit/store/open_store.hpp>

#include <memory>
#include <optional>
#include <string>

namespace toolkit::store {

struct S3Credentials {
  std::string access_key, secret_key, session_token;  // never to be printed
  std::optional<WallTime> expires;
  std::string source;  // for messages: "the environment", "profile dev of ~/.aws/credentials"
};

class S3CredentialsChain {
 public:
  /// Looks at nothing yet.
  [[nodiscard]] static std::unique_ptr<S3CredentialsChain> make(const Settings& settings);
  virtual ~S3CredentialsChain() = default;

  /// From several threads at once; one of them asks while the others wait. What expires within 5
  /// minutes is fetched anew; if that does not work, what is there is used until its end. Errors:
  /// denied (none anywhere: it says what was tried; or refused), unavailable (an endpoint that does
  /// not answer), usage (a file that cannot be understood), interrupted.
  [[nodiscard]] virtual Result<S3Credentials> get() = 0;
  /// These were refused as expired: the next get() fetches anew, if they are still the ones.
  virtual void forget(const S3Credentials& refused) = 0;
};

}  // namespace toolkit::store
