#include <toolkit/net/digest.hpp>

#include <doctest/doctest.h>

namespace net = toolkit::net;

TEST_CASE("digests: the examples of their documents") {
  CHECK(net::to_hex(net::md5("abc")) == "900150983cd24fb0d6963f7d28e17f72");           // RFC 1321
  CHECK(net::to_hex(net::sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");  // RFC 3174
  CHECK(net::to_hex(net::sha256("abc")) ==                                             // RFC 6234
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(net::to_hex(net::hmac_sha256("Jefe", "what do ya want for nothing?")) ==  // RFC 4231
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(net::to_hex(net::pbkdf2_sha256("passwd", "salt", 1)) ==  // RFC 7914
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
}

TEST_CASE("base64: the examples of RFC 4648, both ways") {
  const std::pair<const char*, const char*> pairs[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : pairs) {
    CHECK(net::to_base64(bytes) == text);
    CHECK(net::from_base64(text) == bytes);
  }
  for (const char* wrong : {"Z", "Zg=", "Zg =", "Z!==", "Zm9v\n", "===="}) {
    CAPTURE(wrong);
    CHECK_FALSE(net::from_base64(wrong));
  }
}

TEST_CASE("random bytes are as many as asked for, and others each time") {
  CHECK(net::random_bytes(18).size() == 18);
  CHECK(net::random_bytes(18) != net::random_bytes(18));
}

TEST_CASE("digests of pieces are those of the whole, and begin anew when taken") {
  net::Sha256 sha256;
  net::Md5 md5;
  for (int again = 0; again < 2; ++again) {
    for (const char* piece : {"a", "", "bc"}) {
      sha256.add(piece);
      md5.add(piece);
    }
    CHECK(sha256.take() == net::sha256("abc"));
    CHECK(md5.take() == net::md5("abc"));
  }
}
