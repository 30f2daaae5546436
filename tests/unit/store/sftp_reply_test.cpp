#include <doctest/doctest.h>
#include <src/store/sftp_reply.hpp>

using namespace toolkit::store::sftp;
using namespace std::string_literals;

namespace {

// A packet as a server would send it.
std::string packet(Type type, const std::string& rest) {
  std::string bytes{'\0', '\0', '\0', static_cast<char>(rest.size() + 1), static_cast<char>(type)};
  return bytes + rest;
}

const std::string kId = "\0\0\0\7"s;

Reply only_reply(const std::string& bytes) {
  FrameReader reader;
  reader.add(bytes);
  auto reply = reader.next();
  REQUIRE(reply);
  return std::move(*reply);
}

}  // namespace

TEST_CASE("a request is laid out as the protocol says") {
  Attributes attributes;
  attributes.mode = 0640;
  attributes.atime = attributes.mtime = 1;
  Request request(Type::open);
  request.text("a/b").number(kWrite | kCreate).attributes(attributes);
  CHECK(std::move(request).seal(7) ==
        "\0\0\0\40\3\0\0\0\7\0\0\0\3a/b\0\0\0\12"
        "\0\0\0\14\0\0\1\240\0\0\0\1\0\0\0\1"s);
  CHECK(init_packet() == "\0\0\0\5\1\0\0\0\3"s);
}

TEST_CASE("the data of a write is cut to what was filled") {
  Request request(Type::write);
  request.text("h").big_number(0x1'0000'0002);
  const auto room = request.data(100);
  REQUIRE(room.size() == 100);
  room[0] = 'x';
  request.cut_data(1);
  CHECK(std::move(request).seal(1) == "\0\0\0\27\6\0\0\0\1\0\0\0\1h\0\0\0\1\0\0\0\2\0\0\0\1x"s);
}

TEST_CASE("answers are cut out of the stream wherever it was torn") {
  const std::string both = packet(Type::status, kId + "\0\0\0\2\0\0\0\4gone\0\0\0\0"s) +
                           packet(Type::data, "\0\0\0\10\0\0\0\2xy"s);
  for (std::size_t step = 1; step <= both.size(); ++step) {
    FrameReader reader;
    std::vector<Reply> replies;
    for (std::size_t at = 0; at < both.size(); at += step) {
      reader.add(std::string_view(both).substr(at, step));
      while (auto reply = reader.next()) {
        replies.push_back(std::move(*reply));
      }
    }
    REQUIRE(replies.size() == 2);
    CHECK(replies[0].id == 7);
    CHECK(parse_status(replies[0])->code == Status::no_such_file);
    CHECK(parse_status(replies[0])->words == "gone");
    CHECK(replies[1].id == 8);
    CHECK(parse_data(replies[1]) == "xy");
  }
}

TEST_CASE("what is no SFTP is noticed by its first length") {
  for (const std::string& bytes :
       {"Welcome to the cluster!\n"s, "\0\0\0\4\145\0\0\0"s, "\0\x20\0\0"s}) {
    FrameReader reader;
    reader.add(bytes);
    CHECK_FALSE(reader.next());
    CHECK(reader.is_broken());
    CHECK(reader.rest() == bytes);
  }
}

TEST_CASE("VERSION tells what the server can do") {
  const auto version = parse_version(
      only_reply(packet(Type::version, "\0\0\0\3\0\0\0\1a\0\0\0\0011\0\0\0\1b\0\0\0\0"s)));
  REQUIRE(version);
  CHECK(version->version == 3);
  CHECK(version->extensions == std::map<std::string, std::string>{{"a", "1"}, {"b", ""}});
}

TEST_CASE("names come with their attributes, extended ones are skipped") {
  const auto names = parse_names(only_reply(packet(
      Type::name,
      kId + "\0\0\0\1\0\0\0\1f\0\0\0\1-\x80\0\0\1\0\0\0\0\0\0\0\5\0\0\0\1\0\0\0\1x\0\0\0\1y"s)));
  REQUIRE(names);
  REQUIRE(names->size() == 1);
  CHECK(names->front().name == "f");
  CHECK(names->front().long_name == "-");
  CHECK(names->front().attributes.size == 5U);
  CHECK_FALSE(names->front().attributes.mode);
}

TEST_CASE("an answer that ends too early, or is of another kind, is none") {
  CHECK_FALSE(parse_status(only_reply(packet(Type::status, kId + "\0\0\0"s))));
  CHECK_FALSE(parse_status(only_reply(packet(Type::data, kId + "\0\0\0\0"s))));
  CHECK_FALSE(parse_handle(only_reply(packet(Type::handle, kId + "\0\0\0\5abc"s))));
  CHECK_FALSE(parse_data(only_reply(packet(Type::data, kId + "\xff\xff\xff\xff"s))));
  CHECK_FALSE(parse_names(only_reply(packet(Type::name, kId + "\xff\xff\xff\xff\0\0\0\0"s))));
  CHECK_FALSE(parse_attributes(only_reply(packet(Type::attributes, kId + "\0\0\0\1\0"s))));
  CHECK_FALSE(parse_attributes(only_reply(packet(Type::attributes, kId + "\x80\0\0\0\0\1\0\0"s))));
  CHECK_FALSE(parse_limits(only_reply(packet(Type::extended_reply, kId + "\0\0\0\0"s))));
  CHECK(parse_status(only_reply(packet(Type::status, kId + "\0\0\0\4"s)))->words.empty());
}
