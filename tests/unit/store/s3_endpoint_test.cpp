#include <doctest/doctest.h>
#include <src/store/s3_endpoint.hpp>
#include <tests/support/variables.hpp>

using namespace toolkit;
using namespace toolkit::store;
using support::variables;

namespace {

Settings settings() {
  Settings made;
  made.get_env = support::get_variable;
  return made;
}

// "https host target", of a request for this bucket's key.
std::string place(const std::string& bucket, std::string_view key, const AwsFiles& files = {},
                  const S3Query& query = {}) {
  const auto endpoint = choose_endpoint(bucket, settings(), files);
  if (!endpoint) {
    return endpoint.error().message;
  }
  const net::Url url = url_of(*endpoint, bucket, key, query);
  return std::string(url.tls ? "https " : "http ") + url.host + ' ' + url.target;
}

}  // namespace

TEST_CASE("s3 endpoint: Amazon's, with the bucket in the host where it fits there") {
  variables() = {};
  CHECK(place("data", "a b/c") == "https data.s3.us-east-1.amazonaws.com /a%20b/c");
  CHECK(place("data", "", {}, {{"list-type", "2"}}) ==
        "https data.s3.us-east-1.amazonaws.com /?list-type=2");
  CHECK(place("my.data", "k") == "https s3.us-east-1.amazonaws.com /my.data/k");
  CHECK(place("My_Data", "k") == "https s3.us-east-1.amazonaws.com /My_Data/k");
  variables() = {{"AWS_DEFAULT_REGION", "eu-west-1"}};
  CHECK(place("data", "k") == "https data.s3.eu-west-1.amazonaws.com /k");
  variables()["AWS_REGION"] = "cn-north-1";
  CHECK(place("data", "k") == "https data.s3.cn-north-1.amazonaws.com.cn /k");
}

TEST_CASE("s3 endpoint: one's own has buckets in the path, unless the profile wants the host") {
  variables() = {{"AWS_ENDPOINT_URL", "http://127.0.0.1:8480"}};
  CHECK(place("data", "k") == "http 127.0.0.1:8480 /data/k");
  CHECK(place("data", "", {}, {{"uploads", ""}}) == "http 127.0.0.1:8480 /data?uploads=");
  variables()["AWS_ENDPOINT_URL_S3"] = "https://s3.example.com/base/";
  CHECK(place("data", "k") == "https s3.example.com /base/data/k");
  AwsFiles files;
  files.profiles["default"]["s3.addressing_style"] = "virtual";
  CHECK(place("data", "k", files) == "https data.s3.example.com /base/k");
  variables() = {{"AWS_ENDPOINT_URL", "s3.example.com"}};
  CHECK(place("data", "k").find("the S3 endpoint is no URL: ") == 0);
}

TEST_CASE("s3 endpoint: the profile's services, its endpoint, and the variable that ignores them") {
  variables() = {};
  AwsFiles files;
  files.profiles["default"] = {{"endpoint_url", "http://general:1"}, {"region", "r-1"}};
  CHECK(place("data", "k", files) == "http general:1 /data/k");
  files.profiles["default"]["services"] = "local";
  files.services["local"]["s3.endpoint_url"] = "http://special:2";
  CHECK(place("data", "k", files) == "http special:2 /data/k");
  variables() = {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}, {"AWS_ENDPOINT_URL", "http://x"}};
  CHECK(place("data", "k", files) == "https data.s3.r-1.amazonaws.com /k");
}

TEST_CASE("s3 endpoint: another region moves Amazon's, and no other") {
  variables() = {};
  S3Endpoint amazon = *choose_endpoint("data", settings(), {});
  CHECK(move_to(amazon, "eu-west-1").url.endpoint.host == "s3.eu-west-1.amazonaws.com");
  variables() = {{"AWS_ENDPOINT_URL", "http://own:1"}};
  const S3Endpoint own = move_to(*choose_endpoint("data", settings(), {}), "garage");
  CHECK(own.url.host == "own:1");
  CHECK(own.region == "garage");
}
