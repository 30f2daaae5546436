#include <doctest/doctest.h>
#include <src/store/credential_answer.hpp>

using namespace toolkit;
using namespace toolkit::store;

TEST_CASE("credentials in JSON: of a container, of an instance, of a program") {
  const auto made = parse_credentials_json(
      R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"S","Token":"T",)"
      R"("Expiration":"2019-11-09T13:34:41Z"})",
      "x");
  REQUIRE(made);
  CHECK(made->access_key == "A");
  CHECK(made->secret_key == "S");
  CHECK(made->session_token == "T");
  CHECK(std::chrono::system_clock::to_time_t(*made->expires) == 1573306481);
  CHECK(made->source == "x");
  const auto program = parse_credentials_json(
      R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"U"})", "x");
  CHECK(program->session_token == "U");
  CHECK_FALSE(program->expires);
}

TEST_CASE("credentials in JSON: what is wrong is said, and no secret with it") {
  struct Case {
    const char *text, *message;
    ErrorKind kind = ErrorKind::failed;
  };
  const Case cases[] = {
      {"", "x: the answer is no JSON object"},
      {"[1]", "x: the answer is no JSON object"},
      {R"({"AccessKeyId":"A"})", "x: the answer has no AccessKeyId or no SecretAccessKey"},
      {R"({"AccessKeyId":"A","SecretAccessKey":5})",
       "x: the answer has no AccessKeyId or no SecretAccessKey"},
      {R"({"AccessKeyId":"A\r\nHost: evil","SecretAccessKey":"SECRET"})",
       "x: the answer has blanks or control characters in a key"},
      {R"({"AccessKeyId":"A","SecretAccessKey":"SECRET","Expiration":"tomorrow"})",
       "x: the answer's Expiration is no time"},
      {R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"not yours"})",
       "x: AssumeRoleUnauthorizedAccess not yours", ErrorKind::denied},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto result = parse_credentials_json(c.text, "x");
    REQUIRE_FALSE(result);
    CHECK(result.error().message == c.message);
    CHECK(result.error().kind == c.kind);
  }
}

TEST_CASE("times of RFC 3339: with a fraction, with an offset, and no others") {
  const auto seconds = [](const char* text) {
    const auto time = parse_rfc3339(text);
    return time ? std::chrono::system_clock::to_time_t(*time) : -1;
  };
  CHECK(seconds("2019-11-09T13:34:41Z") == 1573306481);
  CHECK(seconds("2019-11-09T13:34:41.123456Z") == 1573306481);
  CHECK(seconds("2019-11-09T15:34:41+02:00") == 1573306481);
  CHECK(seconds("2019-11-09T13:04:41-00:30") == 1573306481);
  for (const char* wrong :
       {"", "2019-11-09", "2019-11-09T13:34:41", "2019-13-09T13:34:41Z", "2019-11-09T13:34:41.Z",
        "2019-11-09T13:34:41+2", "2019-11-09 13:34:41Z", "2019-11-09T25:34:41Z"}) {
    CAPTURE(wrong);
    CHECK(seconds(wrong) == -1);
  }
}
