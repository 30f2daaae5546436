#include "credential_sources.hpp"

#include <fmt/core.h>

namespace toolkit::store {

Finding from_environment(Search& search) {
  S3Credentials made;
  made.access_key = variable(search.settings, "AWS_ACCESS_KEY_ID");
  made.secret_key = variable(search.settings, "AWS_SECRET_ACCESS_KEY");
  made.session_token = variable(search.settings, "AWS_SESSION_TOKEN");
  made.source = "the environment";
  if (made.access_key.empty() && made.secret_key.empty()) {
    search.tried.emplace_back("AWS_ACCESS_KEY_ID is not set");
    return std::nullopt;
  }
  if (made.access_key.empty() || made.secret_key.empty()) {
    return fail(
        ErrorKind::usage,
        fmt::format("{} is set, and {} is not",
                    made.access_key.empty() ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID",
                    made.access_key.empty() ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY"),
        "set both, or none");
  }
  return made;
}

Finding from_web_identity(Search& search) {
  Role role;
  role.token_file = variable(search.settings, "AWS_WEB_IDENTITY_TOKEN_FILE");
  role.arn = variable(search.settings, "AWS_ROLE_ARN");
  role.session_name = variable(search.settings, "AWS_ROLE_SESSION_NAME");
  if (role.token_file.empty()) {
    search.tried.emplace_back("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    return std::nullopt;
  }
  if (role.arn.empty()) {
    return fail(ErrorKind::usage, "AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not",
                "set AWS_ROLE_ARN to the role that the token is for");
  }
  TRY_ASSIGN(auto made, assume(search.settings, role, nullptr, "", "web identity"));
  return made;
}

}  // namespace toolkit::store
