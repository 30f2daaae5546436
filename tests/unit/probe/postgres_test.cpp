#include "src/probe/postgres.hpp"

#include "src/probe/big_endian.hpp"

#include <toolkit/net/digest.hpp>

#include <doctest/doctest.h>

using toolkit::probe::Answer;
using toolkit::probe::Dialogue;
using toolkit::probe::make_postgres_dialogue;
using toolkit::probe::Reason;
using toolkit::probe::ServerAddress;
using toolkit::probe::to_big_endian;

namespace {

std::string message(char type, const std::string& body) {
  return type + to_big_endian(static_cast<std::uint32_t>(body.size() + 4)) + body;
}
std::string request(std::uint32_t kind, const std::string& rest = "") {
  return message('R', to_big_endian(kind) + rest);
}
std::string error(const std::string& code, const std::string& words) {
  return message('E', "SFATAL" + std::string(1, '\0') + "C" + code + '\0' + "M" + words + '\0' +
                          std::string(1, '\0'));
}
const std::string kReady = request(0) + message('S', std::string("a\0b\0", 4)) +
                           message('K', "12345678") + message('Z', "I");

ServerAddress anybody() { return {}; }
ServerAddress app(const std::string& password = "sesame", const std::string& name = "train") {
  ServerAddress address;
  address.user = "app";
  address.password = password;
  address.name = name;
  return address;
}
ServerAddress without_password(const std::string& name) {
  ServerAddress address;
  address.user = "app";
  address.name = name;
  return address;
}

// What is answered to bytes that a server says after the StartupMessage.
std::optional<Answer> answer_to(std::string bytes, const ServerAddress& address,
                                std::string* said = nullptr) {
  const auto dialogue = make_postgres_dialogue(address);
  (void)dialogue->ask();
  std::string outbox;
  auto answer = dialogue->read(bytes, outbox);
  if (said != nullptr) {
    *said = outbox;
  }
  return answer;
}

}  // namespace

TEST_CASE("postgres: the StartupMessage, and an empty query on a connection that is kept") {
  const auto dialogue = make_postgres_dialogue(app());
  const std::string expected =
      std::string("\0\3\0\0user\0app\0database\0train\0application_name\0toolkit wait\0\0", 59);
  CHECK(dialogue->ask() == to_big_endian(63) + expected);
  std::string inbox = kReady, outbox;
  const auto first = dialogue->read(inbox, outbox);
  REQUIRE(first);
  CHECK(first->finding.met);
  CHECK(first->keep);
  CHECK(inbox.empty());
  CHECK(dialogue->ask() == std::string("Q\0\0\0\5\0", 6));
  inbox = message('I', "") + message('Z', "I");
  CHECK(dialogue->read(inbox, outbox)->finding.met);
  CHECK(outbox.empty());
}

TEST_CASE("postgres: what its errors mean, for somebody and for anybody") {
  struct Case {
    const char* code;
    bool met_for_anybody, final;
    Reason reason;
  };
  for (const Case& each :
       {Case{"57P03", false, false, Reason::not_yet}, Case{"57P01", false, false, Reason::not_yet},
        Case{"53300", false, false, Reason::not_yet}, Case{"28P01", true, true, Reason::auth},
        Case{"28000", true, true, Reason::auth}, Case{"3D000", true, true, Reason::status},
        Case{"42501", true, true, Reason::auth}, Case{"0A000", false, false, Reason::status}}) {
    CAPTURE(each.code);
    const auto answer = answer_to(error(each.code, "some words"), app());
    REQUIRE(answer);
    CHECK_FALSE(answer->finding.met);
    CHECK(answer->finding.final == each.final);
    CHECK(answer->finding.reason == each.reason);
    CHECK(answer->finding.words.starts_with("some words"));
    CHECK_FALSE(answer->keep);
    CHECK(answer_to(error(each.code, "w"), anybody())->finding.met == each.met_for_anybody);
  }
}

TEST_CASE("postgres: a password that was not given") {
  for (const std::uint32_t kind : {3U, 5U, 10U}) {
    CHECK(answer_to(request(kind, "salt"), anybody())->finding.met);
    CHECK(answer_to(request(kind, "salt"), without_password(""))->finding.met);
    const auto answer = answer_to(request(kind, "salt"), without_password("train"));
    CHECK(answer->finding.final);
    CHECK(answer->finding.reason == Reason::auth);
    CHECK(answer->finding.words == "asks for a password of user app");
  }
}

TEST_CASE("postgres: a password in clear text and as MD5") {
  std::string said;
  CHECK_FALSE(answer_to(request(3), app(), &said));
  CHECK(said == message('p', std::string("sesame\0", 7)));
  CHECK_FALSE(answer_to(request(5, "salt"), app(), &said));
  // Worked out with Python's hashlib: md5(md5("sesame" "app") "salt").
  CHECK(said == message('p', std::string("md5d9312e73fa69ae6c0b8fd632d92d8db8\0", 36)));
}

TEST_CASE("postgres: SCRAM only with a server that proves itself") {
  const auto mechanisms = std::string("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0", 34);
  std::string said;
  CHECK_FALSE(answer_to(request(10, mechanisms), app(), &said));
  CHECK(said.substr(5, 14) == std::string("SCRAM-SHA-256\0", 14));
  CHECK(said.substr(23, 8) == "n,,n=,r=");
  // It goes on to OK without the last message, or with a wrong one.
  CHECK(answer_to(request(10, mechanisms) + request(0), app())->finding.reason == Reason::auth);
  CHECK(answer_to(request(10, mechanisms) + request(12, "v=AAAA") + request(0), app())
            ->finding.final);
  CHECK(answer_to(request(10, mechanisms) + request(11, "r=mine,s=AAAA,i=1"), app())
            ->finding.reason == Reason::protocol);
  CHECK(answer_to(request(11, "r=x"), app())->finding.reason == Reason::protocol);
  CHECK(answer_to(request(10, std::string("OTHER\0\0", 7)), app())->finding.reason ==
        Reason::unknown);
}

TEST_CASE("postgres: half a message is none yet, and garbage none at all") {
  for (std::size_t size = 0; size < kReady.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(answer_to(kReady.substr(0, size), app()));
  }
  for (const std::string& bytes :
       {std::string("HTTP/1.1 400"), std::string("+PONG\r\n"), std::string("S\xff\xff\xff\xff"),
        std::string("E\0\0\0\3", 5), std::string("E\0\0\0\4", 5), message('R', "123"),
        message('Z', "I"), std::string("\0\0\0\0", 4)}) {
    CAPTURE(toolkit::net::to_hex(bytes));
    const auto answer = answer_to(bytes, app());
    REQUIRE(answer);
    CHECK(answer->finding.reason == Reason::protocol);
    CHECK_FALSE(answer->finding.final);
  }
}

TEST_CASE("postgres: a server's words are made harmless and never hold the password") {
  const auto answer = answer_to(error("28P01", "no\x1b[2J PASSWORD=sesame"), app());
  CHECK(answer->finding.words == "no\\x1b[2J PASSWORD=***");
}
