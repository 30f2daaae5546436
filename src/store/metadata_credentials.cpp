// docs.aws.amazon.com/sdkref/latest/guide: feature-container-credentials and
// feature-imds-credentials. Both live beside the machine: no proxies, short limits.
#include "credential_answer.hpp"
#include "credential_sources.hpp"
#include "s3_signature.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::store {
namespace {

constexpr Milliseconds kContainerLimit{2000};  // botocore's
constexpr int kContainerTries = 3;
constexpr Milliseconds kInstanceLimit{1000};
constexpr std::size_t kTokenLimit = 64 << 10;

net::HttpClientSettings near_settings(const Settings& settings, Milliseconds limit) {
  net::HttpClientSettings made = http_settings(settings);
  made.get_env = nullptr;
  made.connect_limit = made.silence = limit;
  return made;
}

// Over plain HTTP a token goes to this machine, ECS and EKS alone.
bool may_have_token(const net::Url& url) {
  const std::string& host = url.endpoint.host;
  return url.tls || host == "localhost" || host == "::1" || host == "169.254.170.2" ||
         host == "169.254.170.23" || host == "fd00:ec2::23" ||
         (host.starts_with("127.") && net::is_numeric(host));
}

Result<net::Url> container_url(const Settings& settings, const std::string& relative) {
  constexpr std::string_view kEcs = "http://169.254.170.2";
  const std::string full = relative.empty()
                               ? variable(settings, "AWS_CONTAINER_CREDENTIALS_FULL_URI")
                               : fmt::format("{}{}", kEcs, relative);
  auto url = net::parse_url(full);
  if (!url) {
    return fail(ErrorKind::usage,
                fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI: {}", url.error().message),
                url.error().remedy);
  }
  if (!may_have_token(*url)) {
    return fail(ErrorKind::usage,
                fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI: a token does not go to {} without "
                            "TLS",
                            url->host),
                "https://, or the addresses of ECS and EKS, or this machine's own");
  }
  return url;
}

// The file is read each time: it is replaced while we run.
Result<std::string> container_token(const Settings& settings) {
  const std::string path = variable(settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (path.empty()) {
    return variable(settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  }
  TRY_ASSIGN(const std::string token, read_file(path, kTokenLimit));
  return std::string(trim(token));
}

Result<net::HttpResponse> ask_container(net::HttpClient& http, const net::ClientRequest& request) {
  for (int tries = 1;; ++tries) {
    auto response = http.send(request);
    const bool again =
        response ? response->status >= 500 : response.error().kind == ErrorKind::unavailable;
    if (!again || tries == kContainerTries) {
      return response;
    }
  }
}

struct Instance {
  net::HttpClient& http;
  net::Url url;

  Result<net::HttpResponse> ask(const std::string& method, const std::string& target,
                                net::HttpFields fields) {
    net::ClientRequest request;
    request.method = method;
    request.url = url;
    request.url.target = target;
    request.fields = std::move(fields);
    return http.send(request);
  }
};

Result<net::Url> instance_url(const Settings& settings) {
  const std::string given = variable(settings, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
  const std::string mode = to_upper(variable(settings, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"));
  return net::parse_url(!given.empty()   ? given
                        : mode == "IPV6" ? "http://[fd00:ec2::254]"
                                         : "http://169.254.169.254");
}

Milliseconds instance_limit(const Settings& settings) {
  const auto asked = parse_whole(variable(settings, "AWS_METADATA_SERVICE_TIMEOUT"));
  constexpr long long kMost = 60;
  return asked && *asked > 0 ? std::chrono::seconds(std::min(*asked, kMost)) : kInstanceLimit;
}

// The role's keys, or the words of why there are none.
tl::expected<S3Credentials, std::string> ask_instance(Instance& instance) {
  const auto words = [](const std::string& step, const Result<net::HttpResponse>& answer) {
    return tl::unexpected(
        answer ? fmt::format("the instance's metadata answer {} to {}", answer->status, step)
               : fmt::format("the instance's metadata: {}", answer.error().message));
  };
  constexpr const char* kRoles = "/latest/meta-data/iam/security-credentials/";
  const auto token =
      instance.ask("PUT", "/latest/api/token", {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}});
  if (!token || token->status != 200) {
    return words("a request for a token", token);
  }
  const net::HttpFields fields{{"X-aws-ec2-metadata-token", std::string(trim(token->body))}};
  const auto roles = instance.ask("GET", kRoles, fields);
  if (roles && roles->status == 404) {
    return tl::unexpected(std::string("the instance has no role"));
  }
  if (!roles || roles->status != 200) {
    return words("a request for the role's name", roles);
  }
  const std::string role(trim(std::string_view(roles->body).substr(0, roles->body.find('\n'))));
  const auto keys = instance.ask("GET", kRoles + s3_escape(role, false), fields);
  if (!keys || keys->status != 200) {
    return words("a request for the role's keys", keys);
  }
  auto made = parse_credentials_json(keys->body, "the instance's role " + printable(role));
  if (!made) {
    return tl::unexpected(made.error().message);
  }
  return std::move(*made);
}

}  // namespace

Finding from_container(Search& search) {
  const Settings& settings = search.settings;
  const std::string relative = variable(settings, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  if (relative.empty() && variable(settings, "AWS_CONTAINER_CREDENTIALS_FULL_URI").empty()) {
    search.tried.emplace_back("AWS_CONTAINER_CREDENTIALS_FULL_URI is not set");
    return std::nullopt;
  }
  net::ClientRequest request;
  TRY_ASSIGN(request.url, container_url(settings, relative));
  TRY_ASSIGN(std::string token, container_token(settings));
  if (!token.empty()) {
    request.fields.emplace_back("Authorization", std::move(token));
  }
  const std::string source = "the container's endpoint " + request.url.host;
  const auto http = net::HttpClient::make(near_settings(settings, kContainerLimit));
  auto response = ask_container(*http, request);
  if (!response) {
    response.error().message = fmt::format("{}: {}", source, response.error().message);
    return Failure(std::move(response).error());
  }
  if (response->status != 200) {
    return fail(response->status >= 500 ? ErrorKind::unavailable : ErrorKind::denied,
                fmt::format("{}: HTTP {}", source, response->status),
                "does the task or the service account have a role?");
  }
  TRY_ASSIGN(auto made, parse_credentials_json(response->body, source));
  return made;
}

Finding from_instance(Search& search) {
  const Settings& settings = search.settings;
  if (to_upper(variable(settings, "AWS_EC2_METADATA_DISABLED")) == "TRUE") {
    search.tried.emplace_back("AWS_EC2_METADATA_DISABLED is true");
    return std::nullopt;
  }
  auto url = instance_url(settings);
  if (!url) {
    return fail(ErrorKind::usage,
                fmt::format("AWS_EC2_METADATA_SERVICE_ENDPOINT: {}", url.error().message),
                url.error().remedy);
  }
  const auto http = net::HttpClient::make(near_settings(settings, instance_limit(settings)));
  Instance instance{*http, std::move(*url)};
  auto made = ask_instance(instance);
  if (made) {
    return std::move(*made);
  }
  // Out of a container the answer to the token needs a hop more than an instance gives by default.
  search.tried.push_back(made.error() +
                         " (on EC2, containers need a hop limit of 2 for its metadata)");
  return std::nullopt;
}

}  // namespace toolkit::store
