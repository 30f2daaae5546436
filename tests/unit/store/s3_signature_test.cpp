// The examples of docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html.
#include <toolkit/net/digest.hpp>

#include <doctest/doctest.h>
#include <src/store/s3_credentials.hpp>
#include <src/store/s3_signature.hpp>

using namespace toolkit;
using namespace toolkit::store;

namespace {

const S3Credentials kExampleKey{
    "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", {}, "the test"};

SignatureInput example(std::string method, std::string path, std::string_view body) {
  SignatureInput input;
  input.method = std::move(method);
  input.host = "examplebucket.s3.amazonaws.com";
  input.path = std::move(path);
  input.payload_hash = net::to_hex(net::sha256(body));
  input.region = "us-east-1";
  input.time = std::chrono::sys_days(std::chrono::year(2013) / 5 / 24);
  return input;
}

std::string authorization(const SignatureInput& input) {
  const auto fields = sign(input, kExampleKey);
  const std::string* found = net::find_field(fields, "authorization");
  REQUIRE(found != nullptr);
  return *found;
}

std::string expected(std::string_view names, std::string_view signature) {
  return "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
         "SignedHeaders=" +
         std::string(names) + ",Signature=" + std::string(signature);
}

}  // namespace

TEST_CASE("s3 signature: GET of a range of an object") {
  SignatureInput input = example("GET", "/test.txt", "");
  input.fields = {{"Range", "bytes=0-9"}};
  CHECK(authorization(input) ==
        expected("host;range;x-amz-content-sha256;x-amz-date",
                 "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
}

TEST_CASE("s3 signature: PUT of an object with a special character") {
  SignatureInput input =
      example("PUT", '/' + s3_escape("test$file.text", true), "Welcome to Amazon S3.");
  input.fields = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                  {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  CHECK(authorization(input) ==
        expected("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                 "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST_CASE("s3 signature: GET of a bucket's lifecycle, a query without a value") {
  SignatureInput input = example("GET", "/", "");
  input.query = {{"lifecycle", ""}};
  CHECK(authorization(input) ==
        expected("host;x-amz-content-sha256;x-amz-date",
                 "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
}

TEST_CASE("s3 signature: a listing, whose query is signed in order") {
  SignatureInput input = example("GET", "/", "");
  input.query = {{"prefix", "J"}, {"max-keys", "2"}};
  CHECK(authorization(input) ==
        expected("host;x-amz-content-sha256;x-amz-date",
                 "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST_CASE("s3 signature: a session token is sent and signed, another service has no content hash") {
  SignatureInput input = example("POST", "/", "");
  input.service = "sts";
  S3Credentials key = kExampleKey;
  key.session_token = "TOKEN";
  const auto fields = sign(input, key);
  CHECK(*net::find_field(fields, "x-amz-security-token") == "TOKEN");
  CHECK(net::find_field(fields, "x-amz-content-sha256") == nullptr);
  CHECK(net::find_field(fields, "authorization")->find(";x-amz-security-token,") !=
        std::string::npos);
}

TEST_CASE("s3 escape: every byte but the unreserved ones, and slashes where they part a path") {
  CHECK(s3_escape("a b/c+d%\xC3\xA9~-._", true) == "a%20b/c%2Bd%25%C3%A9~-._");
  CHECK(s3_escape("a/b", false) == "a%2Fb");
  CHECK(s3_query_text({{"uploads", ""}, {"prefix", "a/ b"}, {"A", "1"}}) ==
        "A=1&prefix=a%2F%20b&uploads=");
}
