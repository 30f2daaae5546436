#include <toolkit/base/byte_size.hpp>

#include <doctest/doctest.h>

using toolkit::ByteSize;
using toolkit::describe_bytes;
using toolkit::parse_byte_size;

TEST_CASE("sizes are read in powers of 1024") {
  struct Case {
    const char* text;
    std::uint64_t bytes;
  };
  for (const Case& item : {Case{"0", 0},
                           {"512", 512},
                           {"512B", 512},
                           {"64K", 65536},
                           {"64k", 65536},
                           {"64KB", 65536},
                           {"64KiB", 65536},
                           {"64kb", 65536},
                           {"10M", 10'485'760},
                           {"1.5G", 1'610'612'736},
                           {"2T", 2'199'023'255'552},
                           {"9007199254740993", 9007199254740993},
                           {"9223372036854775807", 9223372036854775807},
                           {"8388607T", 9223370937343148032}}) {
    CAPTURE(item.text);
    CHECK(parse_byte_size(item.text) == ByteSize{item.bytes});
  }
}

TEST_CASE("what is no size is refused with the accepted forms") {
  for (const char* text : {"", "K", "-1K", "+1", "1 K", "1K ", "1P", "1KK", "1KiBs", "1b", "1e3",
                           "0x10", ".5K", "5.K", "5.", "inf", "ten"}) {
    CAPTURE(text);
    const auto result = parse_byte_size(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == toolkit::ErrorKind::usage);
    CHECK(result.error().remedy.find("64K") != std::string::npos);
  }
}

TEST_CASE("sizes of 2^63 and more are too large") {
  for (const char* text : {"9223372036854775808", "8388608T", "99999999999999999999T"}) {
    CAPTURE(text);
    CHECK(parse_byte_size(text).error().message ==
          "'" + std::string(text) + "' is too large a size");
  }
  CHECK(parse_byte_size(std::string(400, '9')).error().message.ends_with("is too large a size"));
}

TEST_CASE("sizes for people") {
  CHECK(describe_bytes(0) == "0 B");
  CHECK(describe_bytes(312) == "312 B");
  CHECK(describe_bytes(1023) == "1023 B");
  CHECK(describe_bytes(1024) == "1.0 KiB");
  CHECK(describe_bytes(41'016'938'496) == "38.2 GiB");
  CHECK(describe_bytes(1'048'575) == "1.0 MiB");  // not 1024.0 KiB
  CHECK(describe_bytes(~0ULL) == "16.0 EiB");
}
