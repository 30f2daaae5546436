#include "s3_endpoint.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::store {
namespace {

constexpr std::string_view kDefaultRegion = "us-east-1";

std::string setting(const AwsFiles& files, const AwsProfile& profile, std::string_view name) {
  const std::string* found = files.find(profile.name, name);
  return found != nullptr ? *found : "";
}

std::string first_of(std::initializer_list<std::string> candidates) {
  const auto* const found =
      std::ranges::find_if(candidates, [](const std::string& text) { return !text.empty(); });
  return found == candidates.end() ? "" : *found;
}

std::string of_services(const AwsFiles& files, const AwsProfile& profile) {
  const auto services = files.services.find(setting(files, profile, "services"));
  if (services == files.services.end()) {
    return {};
  }
  const auto found = services->second.find("s3.endpoint_url");
  return found == services->second.end() ? "" : found->second;
}

std::string named_endpoint(const Settings& settings, const AwsFiles& files,
                           const AwsProfile& profile) {
  const std::string ignore = variable(settings, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
  if (!settings.s3.endpoint.empty() || ignore == "true" || ignore == "TRUE" || ignore == "True") {
    return settings.s3.endpoint;
  }
  return first_of({variable(settings, "AWS_ENDPOINT_URL_S3"),
                   variable(settings, "AWS_ENDPOINT_URL"), of_services(files, profile),
                   setting(files, profile, "endpoint_url")});
}

// docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; older buckets of us-east-1
// may have other names, which only a path can hold.
bool is_host_label(std::string_view bucket) {
  return bucket.size() >= 3 && bucket.size() <= 63 && std::ranges::all_of(bucket, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

net::Url amazon_url(const std::string& region) {
  net::Url url;
  url.tls = true;
  url.host = fmt::format("s3.{}.amazonaws.com{}", region, region.starts_with("cn-") ? ".cn" : "");
  url.endpoint = {url.host, 443};
  url.target = "/";
  return url;
}

}  // namespace

Result<S3Endpoint> choose_endpoint(const std::string& bucket, const Settings& settings,
                                   const AwsFiles& files) {
  const AwsProfile profile = aws_profile(settings);
  S3Endpoint endpoint;
  endpoint.region = first_of({settings.s3.region, variable(settings, "AWS_REGION"),
                              variable(settings, "AWS_DEFAULT_REGION"),
                              setting(files, profile, "region"), std::string(kDefaultRegion)});
  const std::string style = setting(files, profile, "s3.addressing_style");
  const std::string named = named_endpoint(settings, files, profile);
  if (named.empty()) {
    endpoint.url = amazon_url(endpoint.region);
    endpoint.is_amazon = true;
    endpoint.path_style = style == "path" || !is_host_label(bucket);
    return endpoint;
  }
  auto url = net::parse_url(named);
  if (!url) {
    return fail(ErrorKind::usage, fmt::format("the S3 endpoint is no URL: {}", url.error().message),
                "as in AWS_ENDPOINT_URL_S3=http://host:9000");
  }
  endpoint.url = std::move(*url);
  endpoint.path_style = style != "virtual" || net::is_numeric(endpoint.url.endpoint.host);
  return endpoint;
}

S3Endpoint move_to(S3Endpoint endpoint, const std::string& region) {
  endpoint.region = region;
  if (endpoint.is_amazon) {
    endpoint.url = amazon_url(region);
  }
  return endpoint;
}

net::Url url_of(const S3Endpoint& endpoint, const std::string& bucket, std::string_view key,
                const S3Query& query) {
  net::Url url = endpoint.url;
  while (url.target.ends_with('/')) {
    url.target.pop_back();
  }
  if (endpoint.path_style) {
    url.target += '/' + s3_escape(bucket, false);
  } else {
    url.host = bucket + '.' + url.host;
    url.endpoint.host = bucket + '.' + url.endpoint.host;
  }
  if (!key.empty() || !endpoint.path_style) {
    url.target += '/' + s3_escape(key, true);
  }
  if (!query.empty()) {
    url.target += '?' + s3_query_text(query);
  }
  return url;
}

}  // namespace toolkit::store
