#pragma once
// Which server has the bucket, and how its name is written there.

#include "aws_files.hpp"
#include "s3_signature.hpp"

#include <toolkit/net/url.hpp>

#include <string>
#include <string_view>

namespace toolkit::store {

struct S3Endpoint {
  net::Url url;             // of the server; the target is what stands before the bucket
  bool path_style = false;  // /bucket/key, else bucket.server/key
  bool is_amazon = false;   // nobody named an endpoint: it follows from the region
  std::string region;
};

/// The option's endpoint, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the profile's services section and
/// endpoint_url (none of the last four with AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true); else
/// Amazon's of the region: the option's, AWS_REGION, AWS_DEFAULT_REGION, the profile's, us-east-1.
/// An endpoint of one's own has buckets in the path unless s3.addressing_style is "virtual", as in
/// botocore; Amazon's in the host, but for names with dots, which its certificate does not cover.
[[nodiscard]] Result<S3Endpoint> choose_endpoint(const std::string& bucket,
                                                 const Settings& settings, const AwsFiles& files);

/// The same bucket in another region.
[[nodiscard]] S3Endpoint move_to(S3Endpoint endpoint, const std::string& region);

/// Where one request goes, its path escaped and its query in the order of the signature.
[[nodiscard]] net::Url url_of(const S3Endpoint& endpoint, const std::string& bucket,
                              std::string_view key, const S3Query& query);

}  // namespace toolkit::store
