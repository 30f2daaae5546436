#pragma once
// The places where credentials may be, one function each. A result without credentials: nothing is
// set up there; what was seen is noted for the message that says what was tried.

#include "aws_files.hpp"
#include "s3_credentials.hpp"

#include <optional>
#include <string>
#include <vector>

namespace toolkit::store {

struct Search {
  const Settings& settings;
  std::vector<std::string> tried;  // "AWS_ACCESS_KEY_ID is not set"
};

using Finding = Result<std::optional<S3Credentials>>;

[[nodiscard]] Finding from_environment(Search& search);
/// AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN: Kubernetes' service accounts on EKS.
[[nodiscard]] Finding from_web_identity(Search& search);
/// The shared files' profile: a role to assume, static keys, a program.
[[nodiscard]] Finding from_profile(Search& search);
/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or …_FULL_URI: ECS, EKS Pod Identity.
[[nodiscard]] Finding from_container(Search& search);
/// The instance's metadata service, version 2 only: it has a limit of 1 s for each of three
/// questions.
[[nodiscard]] Finding from_instance(Search& search);

/// The keys that a program prints (docs.aws.amazon.com/sdkref/latest/guide/
/// feature-process-credentials.html). No shell: words, quotes and backslashes.
[[nodiscard]] Result<S3Credentials> from_program(const Settings& settings,
                                                 const std::string& command,
                                                 const std::string& source);

struct Role {
  std::string arn, session_name, external_id, duration, token_file;
};
/// STS: AssumeRole, signed by `signer`; AssumeRoleWithWebIdentity where there is none.
[[nodiscard]] Result<S3Credentials> assume(const Settings& settings, const Role& role,
                                           const S3Credentials* signer, const std::string& region,
                                           const std::string& source);

}  // namespace toolkit::store
