#include "credential_sources.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::store {
namespace {

class Profiles {
 public:
  Profiles(Search& search, AwsFiles files) : search_(search), files_(std::move(files)) {}

  // Nothing when the profile has no keys in any form.
  Finding resolve(const std::string& name) {
    const bool again = std::ranges::find(visited_, name) != visited_.end();
    visited_.push_back(name);
    if (has(name, "role_arn") && !again) {
      return assumed(name);
    }
    if (again && !has(name, "aws_access_key_id")) {
      return fail(ErrorKind::usage,
                  fmt::format("{}: its source_profile leads back to itself", describe(name)),
                  "let source_profile name a profile with keys");
    }
    if (has(name, "aws_access_key_id")) {
      return fixed(name);
    }
    if (const std::string* command = files_.find(name, "credential_process")) {
      TRY_ASSIGN(auto made, from_program(search_.settings, *command,
                                         "credential_process of " + describe(name)));
      return made;
    }
    if (has(name, "sso_session") || has(name, "sso_start_url")) {
      return fail(ErrorKind::denied,
                  fmt::format("{} signs in by SSO, which needs a browser", describe(name)),
                  "eval \"$(aws configure export-credentials --format env)\"");
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string describe(const std::string& name) const {
    return fmt::format("profile {}", name);
  }

 private:
  [[nodiscard]] bool has(const std::string& name, std::string_view setting) const {
    return files_.find(name, setting) != nullptr;
  }
  [[nodiscard]] std::string get(const std::string& name, std::string_view setting) const {
    const std::string* found = files_.find(name, setting);
    return found != nullptr ? *found : "";
  }

  Finding fixed(const std::string& name) const {
    S3Credentials made;
    made.access_key = get(name, "aws_access_key_id");
    made.secret_key = get(name, "aws_secret_access_key");
    made.session_token = get(name, "aws_session_token");
    made.source = describe(name);
    if (made.secret_key.empty()) {
      return fail(ErrorKind::usage,
                  fmt::format("{} has aws_access_key_id, and no "
                              "aws_secret_access_key",
                              describe(name)),
                  "add it in " + files_.places);
    }
    return made;
  }

  Finding assumed(const std::string& name) {
    const Role role{get(name, "role_arn"), get(name, "role_session_name"), get(name, "external_id"),
                    get(name, "duration_seconds"), get(name, "web_identity_token_file")};
    const std::string region = get(name, "region");
    if (has(name, "mfa_serial")) {
      return fail(ErrorKind::denied,
                  fmt::format("{} wants a code of a second factor (mfa_serial)", describe(name)),
                  "assume the role beforehand, and hand its keys over in variables");
    }
    if (!role.token_file.empty()) {
      TRY_ASSIGN(auto made, assume(search_.settings, role, nullptr, region, describe(name)));
      return made;
    }
    TRY_ASSIGN(const auto signer, signer_of(name));
    if (!signer) {
      return fail(ErrorKind::denied,
                  fmt::format("{} has a role_arn, and nothing to assume it with", describe(name)),
                  "set source_profile, credential_source or web_identity_token_file beside it");
    }
    TRY_ASSIGN(auto made, assume(search_.settings, role, &*signer, region, describe(name)));
    return made;
  }

  Finding signer_of(const std::string& name) {
    const std::string source = get(name, "credential_source");
    if (has(name, "source_profile")) {
      const std::string next = get(name, "source_profile");
      if (!files_.profiles.contains(next)) {
        return fail(ErrorKind::usage,
                    fmt::format("{}: its source_profile {} is not there", describe(name), next),
                    "looked at " + files_.places);
      }
      return resolve(next);
    }
    if (source == "Environment") {
      return from_environment(search_);
    }
    if (source == "EcsContainer") {
      return from_container(search_);
    }
    if (source == "Ec2InstanceMetadata") {
      return from_instance(search_);
    }
    return std::nullopt;
  }

  Search& search_;
  AwsFiles files_;
  std::vector<std::string> visited_;
};

}  // namespace

Finding from_profile(Search& search) {
  TRY_ASSIGN(AwsFiles files, read_aws_files(search.settings));
  const AwsProfile profile = aws_profile(search.settings);
  const std::string places = files.places;
  if (!files.profiles.contains(profile.name)) {
    if (profile.asked_for) {
      return fail(ErrorKind::usage, fmt::format("there is no profile {}", profile.name),
                  fmt::format("looked at {}: is HOME right, is the file mounted?", places));
    }
    search.tried.push_back(fmt::format("no profile {} in {}", profile.name, places));
    return std::nullopt;
  }
  auto found = Profiles(search, std::move(files)).resolve(profile.name);
  if (found && !*found) {
    search.tried.push_back(fmt::format("profile {} in {} has no keys", profile.name, places));
  }
  return found;
}

}  // namespace toolkit::store
