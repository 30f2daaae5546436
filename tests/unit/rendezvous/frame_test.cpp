#include <doctest/doctest.h>
#include <src/rendezvous/frame.hpp>

#include <string>
#include <vector>

using namespace toolkit::rendezvous;
using namespace std::string_literals;
using Step = RequestDecoder::Step;

namespace {

struct Frame {
  const char* name;
  Numbering numbering;
  Request request;
  std::string bytes;
};

// As captured from PyTorch 1.13 (plain) and 2.6 (validated), less the leading VALIDATE.
const std::vector<Frame> kFrames{
    {"set",
     Numbering::plain,
     {Command::set, {"/k", "vv"}, 0},
     "\0\2\0\0\0\0\0\0\0/k\2\0\0\0\0\0\0\0vv"s},
    {"set of 2.6",
     Numbering::validated,
     {Command::set, {"/k", "vv"}, 0},
     "\1\2\0\0\0\0\0\0\0/k\2\0\0\0\0\0\0\0vv"s},
    {"compare_set",
     Numbering::plain,
     {Command::compare_set, {"k", "", "w"}, 0},
     "\1\1\0\0\0\0\0\0\0k\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0w"s},
    {"get", Numbering::plain, {Command::get, {"init/"}, 0}, "\2\5\0\0\0\0\0\0\0init/"s},
    {"get of 2.6", Numbering::validated, {Command::get, {"init/"}, 0}, "\3\5\0\0\0\0\0\0\0init/"s},
    {"add",
     Numbering::plain,
     {Command::add, {"init/"}, 1},
     "\3\5\0\0\0\0\0\0\0init/\1\0\0\0\0\0\0\0"s},
    {"add of a negative",
     Numbering::validated,
     {Command::add, {"n"}, -2},
     "\4\1\0\0\0\0\0\0\0n\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s},
    {"check",
     Numbering::plain,
     {Command::check, {"a", "bc"}, 0},
     "\4\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0a\2\0\0\0\0\0\0\0bc"s},
    {"check of nothing", Numbering::validated, {Command::check, {}, 0}, "\5\0\0\0\0\0\0\0\0"s},
    {"wait",
     Numbering::validated,
     {Command::wait, {"a"}, 0},
     "\6\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0a"s},
    {"get_num_keys", Numbering::plain, {Command::get_num_keys, {}, 0}, "\6"s},
    {"get_num_keys of 2.6", Numbering::validated, {Command::get_num_keys, {}, 0}, "\7"s},
    {"delete_key", Numbering::plain, {Command::delete_key, {"k"}, 0}, "\x8\1\0\0\0\0\0\0\0k"s},
    {"delete_key of 2.6",
     Numbering::validated,
     {Command::delete_key, {"k"}, 0},
     "\x8\1\0\0\0\0\0\0\0k"s},
    {"append",
     Numbering::validated,
     {Command::append, {"k", "v"}, 0},
     "\x9\1\0\0\0\0\0\0\0k\1\0\0\0\0\0\0\0v"s},
    {"multi_get",
     Numbering::validated,
     {Command::multi_get, {"k"}, 0},
     "\xA\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0k"s},
    {"multi_set",
     Numbering::validated,
     {Command::multi_set, {"a", "1", "b", ""}, 0},
     "\xB\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0a\1\0\0\0\0\0\0\0"
     "1\1\0\0\0\0\0\0\0b\0\0\0\0\0\0\0\0"s},
    {"cancel_wait", Numbering::validated, {Command::cancel_wait, {}, 0}, "\xC"s},
    {"ping", Numbering::validated, {Command::ping, {}, 0x01020304}, "\xD\4\3\2\1"s},
};

const std::string kValidate = "\0\xCE\xF7\x85\x3C"s;

std::string opening(Numbering numbering) {
  return numbering == Numbering::validated ? kValidate : std::string();
}

void check_same(const Request& got, const Request& wanted) {
  CHECK(got.command == wanted.command);
  CHECK(got.words == wanted.words);
  CHECK(got.number == wanted.number);
}

std::string length(std::uint64_t size) {
  std::string bytes;
  append_number(bytes, static_cast<std::int64_t>(size));
  return bytes;
}

}  // namespace

TEST_CASE("requests have the bytes that PyTorch's own clients send") {
  for (const Frame& frame : kFrames) {
    CAPTURE(frame.name);
    CHECK(encode(frame.numbering, frame.request) == frame.bytes);
  }
}

TEST_CASE("requests are read back, whole or byte by byte, one after the other") {
  for (const Frame& frame : kFrames) {
    CAPTURE(frame.name);
    const std::string bytes = opening(frame.numbering) + frame.bytes + frame.bytes;
    for (const std::size_t piece : {bytes.size(), std::size_t{1}, std::size_t{3}}) {
      RequestDecoder decoder;
      std::vector<Request> got;
      for (std::size_t at = 0; at < bytes.size(); at += piece) {
        decoder.feed(std::string_view(bytes).substr(at, piece));
        Step step = decoder.next();
        for (; step == Step::request; step = decoder.next()) {
          got.push_back(decoder.request());
        }
        REQUIRE(step == Step::more);
      }
      REQUIRE(got.size() == 2);
      CHECK(decoder.numbering() == frame.numbering);
      check_same(got[0], frame.request);
      check_same(got[1], frame.request);
    }
  }
}

TEST_CASE("the probe of a dialect is twelve bytes, VALIDATE and seven harmless questions") {
  CHECK(safe_probe() == "\0\xCE\xF7\x85\x3C\7\7\7\7\7\7\7"s);
  RequestDecoder decoder;
  decoder.feed(safe_probe());
  for (int i = 0; i < 7; ++i) {
    REQUIRE(decoder.next() == Step::request);
    CHECK(decoder.request().command == Command::get_num_keys);
  }
  CHECK(decoder.next() == Step::more);
}

TEST_CASE("an old store that counts otherwise reads a length in the probe, not a request") {
  CHECK(old_probe(Numbering::early) == std::string(9, '\5'));
  CHECK(old_probe(Numbering::plain) == std::string(9, '\6'));
  RequestDecoder decoder;  // 1.13, to which 5 is wait
  decoder.feed(old_probe(Numbering::early));
  CHECK(decoder.next() == Step::wrong);
}

TEST_CASE("a zero byte alone tells no dialect yet") {
  RequestDecoder decoder;
  for (const char byte : "\0\xCE\xF7\x85"s) {
    decoder.feed({&byte, 1});
    CHECK(decoder.next() == Step::more);
    CHECK_FALSE(decoder.numbering());
  }
  decoder.feed("\x3C");
  CHECK(decoder.next() == Step::more);
  CHECK(decoder.numbering() == Numbering::validated);
}

TEST_CASE("bytes that are no request are refused, and for good") {
  const std::vector<std::pair<const char*, std::string>> strangers{
      {"a web browser", "GET / HTTP/1.1\r\n"},
      {"a TLS hello", "\x16\3\1\0\xA5"s},
      {"SSH", "SSH-2.0-OpenSSH_9.2\r\n"},
      {"a number beyond the last", "\xD"s},
      {"a number beyond the last of 2.6", kValidate + "\xE"},
      {"VALIDATE twice", kValidate + kValidate},
      {"a key longer than 8 KiB", "\2" + length(kMaximumKey + 1)},
      {"a key of almost 2^64 bytes", "\2\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s},
      {"a value longer than 8 MiB",
       encode(Numbering::plain, {Command::get, {"k"}, 0}).replace(0, 1, 1, '\0') +
           length(kMaximumValue + 1)},
      {"more than 131072 keys", "\5" + length(kMaximumKeys + 1)},
  };
  for (const auto& [name, bytes] : strangers) {
    CAPTURE(name);
    RequestDecoder decoder;
    decoder.feed(bytes);
    CHECK(decoder.next() == Step::wrong);
    decoder.feed(encode(Numbering::plain, {Command::get_num_keys, {}, 0}));
    CHECK(decoder.next() == Step::wrong);
  }
}

TEST_CASE("the largest key, value and number of keys are taken") {
  RequestDecoder decoder;
  decoder.feed(kValidate);
  const Request largest{
      Command::set, {std::string(kMaximumKey, 'k'), std::string(kMaximumValue, 'v')}, 0};
  decoder.feed(encode(Numbering::validated, largest));
  REQUIRE(decoder.next() == Step::request);
  CHECK(decoder.request().words == largest.words);
  const Request most{Command::check, std::vector<std::string>(kMaximumKeys, "k"), 0};
  decoder.feed(encode(Numbering::validated, most));
  REQUIRE(decoder.next() == Step::request);
  CHECK(decoder.request().words.size() == kMaximumKeys);
}

TEST_CASE("a request of many large values is refused before it costs its memory") {
  RequestDecoder decoder;
  decoder.feed(kValidate + "\xB" + length(1000));
  Step step = Step::more;
  for (int i = 0; i < 1000 && step == Step::more; ++i) {
    decoder.feed(length(1) + "k" + length(kMaximumValue) + std::string(kMaximumValue, 'v'));
    step = decoder.next();
    CHECK(decoder.held() <= 3 * kMaximumRequest);
  }
  CHECK(step == Step::wrong);
}

TEST_CASE("answers are taken when they are whole") {
  std::string bytes;
  append_number(bytes, -5);
  CHECK(bytes.size() == 8);
  std::string part = bytes.substr(0, 7);
  CHECK_FALSE(take_number(part));
  CHECK(take_number(bytes) == -5);
  CHECK(bytes.empty());
  CHECK_FALSE(take_byte(bytes));

  append_value(bytes, "12");
  part = bytes.substr(0, 9);
  CHECK_FALSE(take_value(part, 20).value);
  CHECK(part.size() == 9);
  CHECK(take_value(bytes, 20).value == "12");
  append_value(bytes, "123");
  CHECK(take_value(bytes, 2).wrong);
}

TEST_CASE("counts are decimal numbers of 64 bits") {
  CHECK(parse_count("0") == 0);
  CHECK(parse_count("-12") == -12);
  CHECK(parse_count("9223372036854775807") == 9223372036854775807);
  for (const char* none : {"", "-", "1x", " 1", "+1", "9223372036854775808", "1.0"}) {
    CAPTURE(none);
    CHECK_FALSE(parse_count(none));
  }
}
