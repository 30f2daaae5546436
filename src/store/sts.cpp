// docs.aws.amazon.com/STS/latest/APIReference: AssumeRole and AssumeRoleWithWebIdentity.
#include "credential_answer.hpp"
#include "credential_sources.hpp"
#include "s3_client.hpp"
#include "s3_signature.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/net/digest.hpp>

#include <fmt/core.h>

namespace toolkit::store {
namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded; charset=utf-8";
constexpr std::size_t kTokenLimit = 64 << 10;

std::string region_of(const Settings& settings, const std::string& profile_region) {
  for (const std::string& region : {settings.s3.region, variable(settings, "AWS_REGION"),
                                    variable(settings, "AWS_DEFAULT_REGION"), profile_region}) {
    if (!region.empty()) {
      return region;
    }
  }
  return "us-east-1";
}

Result<net::Url> endpoint_of(const Settings& settings, const std::string& region) {
  for (const char* name : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}) {
    if (const std::string given = variable(settings, name); !given.empty()) {
      auto url = net::parse_url(given);
      return url ? url
                 : fail(ErrorKind::usage, fmt::format("{}: {}", name, url.error().message),
                        url.error().remedy);
    }
  }
  return net::parse_url(fmt::format("https://sts.{}.amazonaws.com{}/", region,
                                    region.starts_with("cn-") ? ".cn" : ""));
}

S3Query question(const Role& role) {
  S3Query form{{"Version", "2011-06-15"},
               {"RoleArn", role.arn},
               {"RoleSessionName", role.session_name.empty() ? "toolkit" : role.session_name}};
  if (!role.external_id.empty()) {
    form.emplace_back("ExternalId", role.external_id);
  }
  if (!role.duration.empty()) {
    form.emplace_back("DurationSeconds", role.duration);
  }
  return form;
}

// Read each time: the kubelet replaces it before it expires.
Result<std::string> token_of(const std::string& path) {
  auto token = read_file(path, kTokenLimit);
  if (!token) {
    token.error().remedy = "is the service account's token mounted, and readable for this user?";
    return token;
  }
  return std::string(trim(*token));
}

// STS's own codes that mean "again": the rest of the retryable ones have a 5xx status.
Error refusal(S3Answer answer, const std::string& source) {
  answer.code = xml_text(answer.body, "Code");
  answer.message = xml_text(answer.body, "Message");
  Error error = error_of(answer, source + ": STS");
  if (answer.code == "IDPCommunicationError" || answer.code == "Throttling") {
    error.kind = ErrorKind::unavailable;
  } else if (error.kind == ErrorKind::failed || error.kind == ErrorKind::denied) {
    error.kind = ErrorKind::denied;
    error.remedy = "check the role's ARN, and that its trust policy lets this identity assume it";
  }
  return error;
}

}  // namespace

Result<S3Credentials> assume(const Settings& settings, const Role& role,
                             const S3Credentials* signer, const std::string& profile_region,
                             const std::string& source) {
  const std::string region = region_of(settings, profile_region);
  S3Query form = question(role);
  form.emplace_back("Action", signer != nullptr ? "AssumeRole" : "AssumeRoleWithWebIdentity");
  if (signer == nullptr) {
    TRY_ASSIGN(std::string token, token_of(role.token_file));
    form.emplace_back("WebIdentityToken", std::move(token));
  }
  const std::string body = s3_query_text(form);
  net::ClientRequest request;
  request.method = "POST";
  TRY_ASSIGN(request.url, endpoint_of(settings, region));
  request.fields = {{"Content-Type", std::string(kForm)}};
  request.bytes = body;
  if (signer != nullptr) {
    SignatureInput input{"POST",
                         request.url.host,
                         request.url.target,
                         {},
                         request.fields,
                         net::to_hex(net::sha256(body)),
                         region,
                         "sts",
                         std::chrono::system_clock::now()};
    for (auto& field : sign(input, *signer)) {
      request.fields.push_back(std::move(field));
    }
  }
  auto response = net::HttpClient::make(http_settings(settings))->send(request);
  if (!response) {
    response.error().message = fmt::format("{}: STS: {}", source, response.error().message);
    return Failure(std::move(response).error());
  }
  if (response->status != 200) {
    return Failure(
        refusal({response->status, {}, std::move(response->body), false, {}, {}}, source));
  }
  return parse_credentials_xml(response->body, source);
}

}  // namespace toolkit::store
