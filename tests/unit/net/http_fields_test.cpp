#include <toolkit/net/http_client.hpp>

#include <doctest/doctest.h>

using namespace toolkit;

TEST_CASE("fields are found whatever the case of their names") {
  const net::HttpFields fields{{"ETag", "\"a\""}, {"etag", "\"b\""}};
  CHECK(*net::find_field(fields, "eTaG") == "\"a\"");
  CHECK(net::find_field(fields, "Date") == nullptr);
}

TEST_CASE("a Date is read in the form that servers send") {
  const auto time = net::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
  REQUIRE(time);
  CHECK(std::chrono::system_clock::to_time_t(*time) == 784111777);  // RFC 9110, 5.6.7
  for (const char* wrong : {"", "Sun, 06 Nov 2994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                            "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 31 Feb 1994 08:49:37 GMT",
                            "Sun, 06 Now 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
                            "Sun, 06 Nov 1994 -1:49:37 GMT"}) {
    CAPTURE(wrong);
    CHECK_FALSE(net::parse_http_date(wrong));
  }
}
