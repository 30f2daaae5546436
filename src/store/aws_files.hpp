#pragma once
// What ~/.aws/config and ~/.aws/credentials say, by the rules of
// docs.aws.amazon.com/sdkref/latest/guide/file-format.html.

#include <toolkit/net/http_client.hpp>
#include <toolkit/store/open_store.hpp>

#include <map>
#include <string>
#include <string_view>

namespace toolkit::store {

/// Names in lower case; a setting below another one as "s3.endpoint_url".
using AwsSection = std::map<std::string, std::string, std::less<>>;

struct AwsFiles {
  std::map<std::string, AwsSection, std::less<>> profiles;  // "default", "dev"
  std::map<std::string, AwsSection, std::less<>> services;  // of [services NAME]
  std::string places;  // "~/.aws/config and ~/.aws/credentials", for messages

  /// Null when the profile or the setting is not there.
  [[nodiscard]] const std::string* find(std::string_view profile, std::string_view setting) const;
};

enum class AwsFile { config, credentials };

/// Adds a file to what is there; the same setting again replaces the earlier one. Errors: usage,
/// "<path>:<line>: …", which never quotes the line.
[[nodiscard]] Result<void> parse_aws_file(std::string_view text, AwsFile which,
                                          const std::string& path, AwsFiles& into);

/// AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else those below $HOME/.aws, which need not be
/// there. The credentials' settings win. Errors: a file that cannot be read or understood.
[[nodiscard]] Result<AwsFiles> read_aws_files(const Settings& settings);

struct AwsProfile {
  std::string name;
  bool asked_for = false;  // by an option or a variable: then it must be there
};
/// The option's, AWS_PROFILE, AWS_DEFAULT_PROFILE, "default".
[[nodiscard]] AwsProfile aws_profile(const Settings& settings);

/// How to speak to servers of AWS's kind: its limits, proxies, and AWS_CA_BUNDLE.
[[nodiscard]] net::HttpClientSettings http_settings(const Settings& settings);

/// The variable's value; empty when it is unset.
[[nodiscard]] std::string variable(const Settings& settings, const char* name);

}  // namespace toolkit::store
