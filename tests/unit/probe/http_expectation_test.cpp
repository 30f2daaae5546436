#include <src/probe/http_expectation.hpp>
#include <tests/unit/probe/network_leaf.hpp>

using namespace toolkit;
using support::mistake_of;

namespace {

// What the answer with these fields and this body is, by the parameters.
std::string judged(const std::string& parameters, const std::string& body = {},
                   unsigned status = 200) {
  const auto expectation = probe::http_expectation(support::leaf_of("http://db " + parameters));
  REQUIRE_MESSAGE(expectation, parameters);
  net::HttpResponse response;
  response.status = status;
  response.fields = {{"Content-Type", "text/plain"}, {"X-Ready", "3"}, {"Location", "/login"}};
  response.body = body;
  return support::in_words(probe::judge(*expectation, response));
}

}  // namespace

TEST_CASE("without a wish for a status all of 2xx and 3xx will do") {
  for (const unsigned good : {200U, 204U, 302U, 399U}) {
    CHECK(judged("body~.", "x", good) == "met: HTTP " + std::to_string(good));
  }
  CHECK(judged("body~.", "x", 503) == "status: HTTP 503 to /login");
  CHECK(judged("body~.", "x", 403) == "auth: HTTP 403 to /login");
}

TEST_CASE("statuses are numbers, ranges, classes and lists of them") {
  for (const char* met :
       {"status=200", "status=100-200", "status=2xx", "status=404,200", "status!=3xx"}) {
    CAPTURE(met);
    CHECK(judged(met) == "met: HTTP 200");
  }
  for (const char* unmet : {"status=201-299", "status=3xx", "status=404,500", "status!=200"}) {
    CAPTURE(unmet);
    CHECK(judged(unmet) == "status: HTTP 200 to /login");
  }
}

TEST_CASE("headers are compared by name, whatever its case, or as lines") {
  CHECK(judged("header:x-ready=3") == "met: HTTP 200");
  CHECK(judged("header:X-Ready~^[1-9]$ header~plain") == "met: HTTP 200");
  CHECK(judged("header~'^content-type: text'") == "status: HTTP 200, no header matches");
  CHECK(judged("header:X-Ready=4") == "status: HTTP 200, X-Ready: 3");
  CHECK(judged("header:X-None=4") == "status: HTTP 200, no X-None");
  CHECK(judged("header:X-None!=4") == "met: HTTP 200");
}

TEST_CASE("a body is matched line by line") {
  CHECK(judged("body~^ready$", "not yet\nready\r\n") == "met: HTTP 200");
  CHECK(judged("body~ready body~now", "ready") == "status: HTTP 200, the body does not match");
}

TEST_CASE("JSON values are compared as what they are") {
  const std::string body =
      R"({"status":"ok","n":3,"half":0.5,"on":true,"off":null,"l":[{"a/b":"x"}]})";
  for (const char* met : {"json:/status=ok", "json:/status!=bad", "json:/status~^o", "json:/n=3",
                          "json:/n=3.0", "json:/n>=3", "json:/n<4", "json:/half<1", "json:/on=true",
                          "json:/off=null", "'json:/l/0/a~1b'=x", "json:/none!=x"}) {
    CAPTURE(met);
    CHECK(judged(met, body) == "met: HTTP 200");
  }
  CHECK(judged("json:/status=bad", body) == "status: HTTP 200, /status is ok");
  CHECK(judged("json:/n>3", body) == "status: HTTP 200, /n is 3");
  CHECK(judged("json:/n>x", body) == "status: HTTP 200, /n is 3");
  CHECK(judged("json:/none=1", body) == "status: HTTP 200, /none is not there");
  CHECK(judged("json:/l=x", body) == "status: HTTP 200, /l is no plain value");
  CHECK(judged("json:/l/99999999999999999999=x", body).starts_with("status: "));
  CHECK(judged("json:/status=ok", "<html>") == "protocol: HTTP 200, the body is not JSON");
  CHECK(judged("json:/a=1", std::string(200'000, '[')) ==
        "protocol: HTTP 200, the body is not JSON");
  CHECK(judged("json:=1", std::string(200'000, '[') + std::string(200'000, ']')) ==
        "status: HTTP 200,  is no plain value");
}

TEST_CASE("mistakes in http leaves are shown where they are") {
  CHECK(mistake_of("http://").ends_with("[//]"));
  CHECK(mistake_of("http://a@b/").starts_with("user names and passwords"));
  CHECK(mistake_of("http://db status=20") == "'20' is no HTTP status [20]");
  for (const char* bad : {"2xy", "axx", "0xx", ":xx"}) {
    CHECK(mistake_of(std::string("http://db status=") + bad) ==
          std::string("'") + bad + "' is no HTTP status [" + bad + "]");
  }
  CHECK(mistake_of("http://db status~2xx").ends_with("[status~2xx]"));
  CHECK(mistake_of("http://db status=299-200").ends_with("[299-200]"));
  CHECK(mistake_of("http://db body=x").ends_with("[body=x]"));
  CHECK(mistake_of("http://db body~a[").ends_with("[[]"));
  CHECK(mistake_of("http://db header=x").ends_with("[header=x]"));
  CHECK(mistake_of("http://db json:x=1").ends_with("[json:x]"));
  CHECK(mistake_of("http://db 'json:/~2'=1").ends_with("['json:/~2']"));
  CHECK(mistake_of("http://db method=POST") == "method is GET, HEAD or OPTIONS [POST]");
  CHECK(mistake_of("http://db method=HEAD body~x").ends_with("[HEAD]"));
  CHECK(mistake_of("http://db ca=/x") == "'ca' is for https [ca]");
  CHECK(mistake_of("https://db verify=maybe") == "verify is yes or no [maybe]");
  CHECK(mistake_of("http://db stat=200") == "http: has no 'stat' [stat]");
}
