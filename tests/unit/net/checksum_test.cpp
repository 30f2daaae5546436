#include <toolkit/net/checksum.hpp>

#include <doctest/doctest.h>

namespace net = toolkit::net;

TEST_CASE("crc32c: the examples of RFC 3720, B.4") {
  const std::string zeros(32, '\0'), ones(32, '\xFF');
  std::string up, down;
  for (char i = 0; i < 32; ++i) {
    up += i;
    down += static_cast<char>(31 - i);
  }
  for (const auto& sum : {net::crc32c, net::crc32c_by_table}) {
    CHECK(sum(0, zeros) == 0x8A9136AA);
    CHECK(sum(0, ones) == 0x62A8AB43);
    CHECK(sum(0, up) == 0x46DD794E);
    CHECK(sum(0, down) == 0x113FDB5C);
    CHECK(sum(0, "123456789") == 0xE3069283);
  }
}

TEST_CASE("crc32c: pieces give what the whole gives, by instruction and by table") {
  std::string text;
  for (unsigned i = 0; i < 1000; ++i) {
    text += static_cast<char>(i * i >> 3);
  }
  const std::uint32_t whole = net::crc32c(0, text);
  CHECK(whole == net::crc32c_by_table(0, text));
  for (const std::size_t cut : {0, 1, 7, 8, 9, 500, 999, 1000}) {
    CHECK(net::crc32c(net::crc32c(0, text.substr(0, cut)), text.substr(cut)) == whole);
  }
}

TEST_CASE("crc32c: the text of its field is base64, most significant byte first") {
  CHECK(net::crc32c_text(0xE3069283) == "4waSgw==");
}
