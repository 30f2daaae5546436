#include "src/probe/mysql.hpp"

#include "leaf.hpp"
#include "src/probe/mysql_packet.hpp"

#include <toolkit/net/digest.hpp>

#include <doctest/doctest.h>

using toolkit::net::to_hex;
using toolkit::probe::Answer;
using toolkit::probe::make_mysql_dialogue;
using toolkit::probe::make_probe;
using toolkit::probe::mysql_packet;
using toolkit::probe::mysql_proof;
using toolkit::probe::parse_mysql_greeting;
using toolkit::probe::Reason;
using toolkit::probe::ServerAddress;
using toolkit::support::leaf_of;

namespace {

using std::string_literals::operator""s;

// Capabilities: PROTOCOL_41, SECURE_CONNECTION; PLUGIN_AUTH. A nonce of 8 and 12 bytes.
std::string greeting(const std::string& plugin = "mysql_native_password") {
  return "\x0a"
         "8.0.36\0"s +
         "\1\0\0\0"s + "abcdefgh\0"s + "\x00\x82\x21\2\0"s + "\x08\0"s + "\x15"s +
         std::string(10, '\0') + "ijklmnopqrst\0"s + plugin + '\0';
}
std::string error(unsigned code, const std::string& words, bool state = true) {
  return "\xff"s + static_cast<char>(code & 0xff) + static_cast<char>(code >> 8) +
         (state ? "#HY000" : "") + words;
}
const std::string kOk = "\0\0\0\2\0\0\0"s;

ServerAddress app(const std::string& password = "sesame", const std::string& name = "") {
  ServerAddress address;
  address.user = "app";
  address.password = password;
  address.name = name;
  return address;
}

// What is answered when a server says these payloads one after the other.
std::optional<Answer> answer_to(const std::vector<std::string>& payloads,
                                const ServerAddress& address, std::string* said = nullptr) {
  const auto dialogue = make_mysql_dialogue(address);
  CHECK(dialogue->ask().empty());
  std::string inbox, outbox;
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    inbox += mysql_packet(static_cast<std::uint8_t>(2 * i), payloads[i]);
  }
  auto answer = dialogue->read(inbox, outbox);
  if (said != nullptr) {
    *said = outbox;
  }
  return answer;
}

}  // namespace

TEST_CASE("mysql: a greeting has its parts") {
  const auto parsed = parse_mysql_greeting(greeting());
  REQUIRE(parsed);
  CHECK(parsed->capabilities == 0x88200);
  CHECK(parsed->nonce == "abcdefghijklmnopqrst");
  CHECK(parsed->plugin == "mysql_native_password");
  CHECK_FALSE(parse_mysql_greeting(""));
  CHECK_FALSE(
      parse_mysql_greeting("\x09"
                           "8.0\0"s));
  CHECK_FALSE(
      parse_mysql_greeting("\x0a"
                           "8.0"));
  CHECK_FALSE(
      parse_mysql_greeting("\x0a"
                           "8.0\0abcdefghijkl"s));
}

TEST_CASE("mysql: the login, and COM_PING on a connection that is kept") {
  std::string said;
  const auto answer = answer_to({greeting(), kOk}, app("sesame", "train"), &said);
  REQUIRE(answer);
  CHECK(answer->finding.met);
  CHECK(answer->keep);
  CHECK(said.substr(3, 1) == "\1");  // the number after the greeting's
  CHECK(said.substr(36, 4) == "app\0"s);
  CHECK(said.substr(40, 1) == "\x14");
  CHECK(said.substr(61) == "train\0mysql_native_password\0"s);

  const auto dialogue = make_mysql_dialogue(app());
  std::string outbox, inbox = mysql_packet(0, greeting()) + mysql_packet(2, kOk);
  (void)dialogue->read(inbox, outbox);
  CHECK(dialogue->ask() == "\1\0\0\0\x0e"s);
  inbox = mysql_packet(1, kOk);
  CHECK(dialogue->read(inbox, outbox)->finding.met);
  CHECK(dialogue->farewell() == "\1\0\0\0\1"s);
}

// Worked out with Python's hashlib from the formulas in the protocol's documentation.
TEST_CASE("mysql: proofs of a password") {
  const std::string nonce = "abcdefghijklmnopqrst";
  CHECK(to_hex(*mysql_proof("mysql_native_password", "sesame", nonce)) ==
        "613e55086a4cff7ee5e72155de2dc8f9a411472c");
  CHECK(to_hex(*mysql_proof("caching_sha2_password", "sesame", nonce)) ==
        "1ec72bde06563fbbd3b7ca9429446f15fe7322aa5823c6f9ca21771ce4206c1e");
  CHECK(mysql_proof("mysql_native_password", "", nonce) == "");
  CHECK(mysql_proof("caching_sha2_password", "", nonce) == "\0"s);
  CHECK_FALSE(mysql_proof("client_ed25519", "sesame", nonce));
}

TEST_CASE("mysql: what its errors mean, for somebody and for anybody") {
  struct Case {
    unsigned code;
    bool met_for_anybody, final;
    Reason reason;
  };
  for (const Case& each :
       {Case{1045, true, true, Reason::auth}, Case{1698, true, true, Reason::auth},
        Case{1049, false, true, Reason::status}, Case{1130, false, true, Reason::auth},
        Case{1040, false, false, Reason::not_yet}, Case{1053, false, false, Reason::not_yet},
        Case{1152, false, false, Reason::status}}) {
    CAPTURE(each.code);
    const auto answer = answer_to({greeting(), error(each.code, "some words")}, app());
    REQUIRE(answer);
    CHECK_FALSE(answer->finding.met);
    CHECK(answer->finding.final == each.final);
    CHECK(answer->finding.reason == each.reason);
    CHECK(answer->finding.words.starts_with("some words (error "));
    CHECK(answer_to({greeting(), error(each.code, "w")}, {})->finding.met == each.met_for_anybody);
  }
}

TEST_CASE("mysql: an error instead of the greeting has no SQL state") {
  for (const ServerAddress& address : {app(), ServerAddress{}}) {
    const auto full = answer_to({error(1040, "Too many connections", false)}, address);
    CHECK(full->finding.reason == Reason::not_yet);
    CHECK(full->finding.words == "Too many connections (error 1040)");
    CHECK(answer_to({error(1129, "Host is blocked", false)}, address)->finding.final);
  }
}

TEST_CASE("mysql: the account's plugin need not be the server's") {
  const std::string change =
      "\xfe"
      "mysql_native_password\0"
      "abcdefghijklmnopqrst\0"s;
  std::string said;
  CHECK(answer_to({greeting("auth_gssapi_client"), change, kOk}, app(), &said)->finding.met);
  CHECK(said.ends_with("\x14\0\0\3"s +
                       *mysql_proof("mysql_native_password", "sesame", "abcdefghijklmnopqrst")));
  const std::string strange =
      "\xfe"
      "client_ed25519\0"s +
      std::string(32, 'x');
  CHECK(answer_to({greeting(), strange}, app())->finding.reason == Reason::unknown);
  CHECK(answer_to({greeting(), strange}, {})->finding.met);
}

TEST_CASE("mysql: caching_sha2_password says yes, or wants what only TLS may carry") {
  const std::string sha2 = "caching_sha2_password";
  CHECK(answer_to({greeting(sha2), "\1\3", kOk}, app())->finding.met);
  const auto whole = answer_to({greeting(sha2), "\1\4"}, app());
  CHECK_FALSE(whole->finding.met);
  CHECK(whole->finding.reason == Reason::unknown);
}

TEST_CASE("mysql: half a packet is none yet, and garbage none at all") {
  const std::string all = mysql_packet(0, greeting()) + mysql_packet(2, kOk);
  for (std::size_t size = 0; size < all.size(); ++size) {
    const auto dialogue = make_mysql_dialogue(app());
    std::string inbox = all.substr(0, size), outbox;
    CAPTURE(size);
    CHECK_FALSE(dialogue->read(inbox, outbox));
  }
  for (const std::string& bytes :
       {"HTTP/1.1 400 Bad Request\r\n"s, "\0\0\0\0"s, "+PONG\r\n"s, "SSH-2.0-OpenSSH_9.2\r\n"s,
        mysql_packet(0, "\x0a"), mysql_packet(0, "\xff")}) {
    CAPTURE(to_hex(bytes));
    const auto dialogue = make_mysql_dialogue(app());
    std::string inbox = bytes, outbox;
    const auto answer = dialogue->read(inbox, outbox);
    REQUIRE(answer);
    CHECK(answer->finding.reason == Reason::protocol);
    CHECK_FALSE(answer->finding.final);
  }
  CHECK(answer_to({greeting(), "\x42"}, app())->finding.reason == Reason::protocol);
}

TEST_CASE("mysql: mistakes in the target") {
  CHECK(make_probe(leaf_of("mysql", "//u:p@h/db"), {}));
  CHECK(make_probe(leaf_of("mysql", "//h"), {}));
  CHECK(make_probe(leaf_of("mysql", "//h/db"), {}).error().message ==
        "mysql: a database needs a user who may see it");
}
