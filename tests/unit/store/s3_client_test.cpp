// What the client does by itself, against a stand-in; real servers are the lab's business.
#include <toolkit/net/digest.hpp>

#include <src/store/s3_client.hpp>
#include <tests/support/http_server.hpp>
#include <tests/support/variables.hpp>

#include <cstdlib>
#include <ctime>

using namespace toolkit;
using namespace toolkit::store;
using support::HttpHeard;
using support::HttpServer;
using support::variables;

namespace {

std::unique_ptr<S3Client> client_of(const HttpServer& server) {
  variables() = {{"AWS_ACCESS_KEY_ID", "A"},
                 {"AWS_SECRET_ACCESS_KEY", "S"},
                 {"AWS_ENDPOINT_URL_S3", server.url()}};
  Settings settings;
  settings.get_env = support::get_variable;
  return std::move(*S3Client::make("data", settings));
}

S3Request request(std::string method, std::string key) {
  S3Request made;
  made.what = "cannot do " + key;
  made.method = std::move(method);
  made.key = std::move(key);
  return made;
}

std::string error_xml(const std::string& code, const std::string& more = "") {
  return "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>m</Message>" + more +
         "</Error>";
}

std::string date_text(std::chrono::minutes ahead) {
  const std::time_t time =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + ahead);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[64];
  const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

}  // namespace

TEST_CASE("s3 client: a request is signed, and goes to the bucket's path") {
  HttpServer server(
      [](const HttpHeard&) { return HttpServer::answer("200 OK", "", "ETag: \"e\"\r\n"); });
  const auto client = client_of(server);
  S3Request put = request("PUT", "a b");
  put.query = {{"partNumber", "1"}, {"append", ""}};
  put.fields = {{"x-amz-meta-mtime", "5"}};
  put.bytes = "bytes";
  const auto answer = client->demand(put);
  REQUIRE(answer);
  CHECK(answer->field("etag") == "\"e\"");
  const HttpHeard heard = server.heard().at(0);
  CHECK(heard.target == "/data/a%20b?append=&partNumber=1");
  CHECK(heard.field("x-amz-content-sha256") == net::to_hex(net::sha256("bytes")));
  CHECK(heard.field("Authorization")
            .find("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-mtime,") !=
        std::string::npos);
  CHECK(client->copy_source("a b/c") == "/data/a%20b/c");
  CHECK(client->endpoint() == server.url());
}

TEST_CASE("s3 client: an answer that is no success is an error with the server's words") {
  HttpServer server([](const HttpHeard& heard) {
    return heard.target == "/data/late"
               ? HttpServer::answer("200 OK", error_xml("InternalError"))
               : HttpServer::answer("403 Forbidden", error_xml("AccessDenied"));
  });
  const auto client = client_of(server);
  const auto denied = client->demand(request("GET", "x"));
  REQUIRE_FALSE(denied);
  CHECK(denied.error().kind == ErrorKind::denied);
  CHECK(denied.error().message == "cannot do x: access denied (HTTP 403, AccessDenied, m)");
  CHECK(client->send(request("GET", "x"))->code == "AccessDenied");
  CHECK(client->demand(request("POST", "late")).error().kind == ErrorKind::unavailable);
}

TEST_CASE("s3 client: the region that the server names is signed for, from then on") {
  HttpServer server([&](const HttpHeard& heard) {
    return heard.field("Authorization").find("/garage/s3/") != std::string::npos
               ? HttpServer::answer("200 OK", "")
               : HttpServer::answer("400 Bad Request", error_xml("AuthorizationHeaderMalformed",
                                                                 "<Region>garage</Region>"));
  });
  const auto client = client_of(server);
  CHECK(client->demand(request("GET", "x")));
  CHECK(client->demand(request("GET", "y")));
  CHECK(server.heard().size() == 3);
}

TEST_CASE("s3 client: HEAD has the region in a field, and a region that is none is not followed") {
  HttpServer server([&](const HttpHeard& heard) {
    return heard.target == "/data/odd"
               ? HttpServer::answer("400 Bad Request", "", "x-amz-bucket-region: a.evil/\r\n")
           : heard.field("Authorization").find("/eu-west-1/s3/") != std::string::npos
               ? HttpServer::answer("200 OK", "")
               : HttpServer::answer("301 Moved Permanently", "",
                                    "x-amz-bucket-region: eu-west-1\r\n");
  });
  const auto client = client_of(server);
  CHECK(client->send(request("HEAD", "odd"))->status == 400);
  CHECK(client->send(request("HEAD", "x"))->status == 200);
  CHECK(server.heard().size() == 3);
}

TEST_CASE("s3 client: a clock that is wrong is corrected by the server's, once") {
  const std::string theirs = date_text(std::chrono::minutes(90));
  HttpServer server([&](const HttpHeard& heard) {
    std::tm parts{};
    ::strptime(heard.field("x-amz-date").c_str(), "%Y%m%dT%H%M%SZ", &parts);
    const auto wanted = std::chrono::system_clock::to_time_t(*net::parse_http_date(theirs));
    const bool is_near = std::abs(::timegm(&parts) - wanted) < 15 * 60;
    return heard.target != "/data/never" && is_near
               ? HttpServer::answer("200 OK", "", "Date: " + theirs + "\r\n")
               : HttpServer::answer("403 Forbidden", error_xml("RequestTimeTooSkewed"),
                                    "Date: " + theirs + "\r\n");
  });
  const auto client = client_of(server);
  CHECK(client->demand(request("GET", "x")));
  CHECK(server.heard().size() == 2);
  CHECK(client->now() - std::chrono::system_clock::now() > std::chrono::minutes(88));
  const auto refused = client->demand(request("GET", "never"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().remedy.find("set the clock") == 0);
}

TEST_CASE("s3 client: a key that has expired is fetched anew, and the request sent again") {
  int keys = 0;
  HttpServer container([&](const HttpHeard&) {
    return HttpServer::answer("200 OK", R"({"AccessKeyId":"K)" + std::to_string(++keys) +
                                            R"(","SecretAccessKey":"S","Token":"T"})");
  });
  HttpServer server([](const HttpHeard& heard) {
    return heard.field("Authorization").find("Credential=K2/") != std::string::npos &&
                   heard.target != "/data/never"
               ? HttpServer::answer("200 OK", heard.body)
               : HttpServer::answer("400 Bad Request", error_xml("ExpiredToken"));
  });
  variables() = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url()},
                 {"AWS_ENDPOINT_URL", server.url()}};
  Settings settings;
  settings.get_env = support::get_variable;
  const auto client = std::move(*S3Client::make("data", settings));
  S3Request put = request("PUT", "x");
  put.body_size = 3;
  put.body = [](std::uint64_t offset) -> Result<std::string_view> {
    return std::string_view("abc").substr(offset);
  };
  const auto answer = client->demand(put);
  REQUIRE_MESSAGE(answer, answer.error().message);
  CHECK(answer->body == "abc");
  CHECK(keys == 2);
  CHECK(server.heard().at(1).field("x-amz-security-token") == "T");
  CHECK(server.heard().at(1).field("x-amz-content-sha256") == kUnsignedPayload);
  const auto expired = client->demand(request("GET", "never"));
  REQUIRE_FALSE(expired);
  CHECK(expired.error().kind == ErrorKind::denied);
  CHECK(keys == 3);
}

TEST_CASE("s3 client: errors of the connection and of the key name the request") {
  std::string url;
  {
    HttpServer closed([](const HttpHeard&) { return std::string(); });
    url = closed.url();
  }
  variables() = {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}};
  Settings settings;
  settings.get_env = support::get_variable;
  settings.s3.endpoint = url;
  const auto refused = (*S3Client::make("data", settings))->send(request("GET", "x"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::unavailable);
  CHECK(refused.error().message == "cannot do x: " + url.substr(7) + ": connection refused");
  variables() = {{"AWS_EC2_METADATA_DISABLED", "true"}};
  const auto no_key = (*S3Client::make("data", settings))->send(request("GET", "x"));
  REQUIRE_FALSE(no_key);
  CHECK(no_key.error().message.find("cannot do x: no credentials were found: ") == 0);
}
