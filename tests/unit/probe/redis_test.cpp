#include "src/probe/redis.hpp"

#include "leaf.hpp"

#include <doctest/doctest.h>

using toolkit::probe::Answer;
using toolkit::probe::make_probe;
using toolkit::probe::make_redis_dialogue;
using toolkit::probe::Reason;
using toolkit::probe::ServerAddress;
using toolkit::support::leaf_of;

namespace {

std::optional<Answer> answer_to(std::string bytes, const ServerAddress& address = {}) {
  const auto dialogue = make_redis_dialogue(address);
  (void)dialogue->ask();
  std::string outbox;
  auto answer = dialogue->read(bytes, outbox);
  CHECK(outbox.empty());
  return answer;
}

ServerAddress with_password(const std::string& name = "") {
  ServerAddress address;
  address.password = "sesame";
  address.name = name;
  return address;
}

}  // namespace

TEST_CASE("redis: login, database and PING go out together, and the next question is PING alone") {
  const auto dialogue = make_redis_dialogue(with_password("3"));
  CHECK(dialogue->ask() ==
        "*2\r\n$4\r\nAUTH\r\n$6\r\nsesame\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n"
        "*1\r\n$4\r\nPING\r\n");
  CHECK(dialogue->ask() == "*1\r\n$4\r\nPING\r\n");
  ServerAddress named = with_password();
  named.user = "app";
  CHECK(make_redis_dialogue(named)->ask().starts_with(
      "*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$6\r\nsesame\r\n"));
}

TEST_CASE("redis: what its answers mean") {
  struct Case {
    const char* bytes;
    bool met, final;
    Reason reason;
  };
  for (const Case& each : {
           Case{"+PONG\r\n", true, false, Reason::none},
           Case{"-LOADING Redis is loading the dataset in memory\r\n", false, false,
                Reason::not_yet},
           Case{"-MASTERDOWN Link with MASTER is down\r\n", false, false, Reason::not_yet},
           Case{"-NOAUTH Authentication required.\r\n", false, true, Reason::auth},
           Case{"-DENIED Redis is running in protected mode\r\n", false, true, Reason::auth},
           Case{"-ERR max number of clients reached\r\n", false, false, Reason::not_yet},
           Case{"-MISCONF Redis is configured to save\r\n", false, false, Reason::status},
           Case{"+OK\r\n", false, false, Reason::protocol},
           Case{"HTTP/1.1 400 Bad Request\r\n", false, false, Reason::protocol},
           Case{"SSH-2.0-OpenSSH_9.2", false, false, Reason::protocol},
       }) {
    CAPTURE(each.bytes);
    const auto answer = answer_to(each.bytes);
    REQUIRE(answer);
    CHECK(answer->finding.met == each.met);
    CHECK(answer->finding.final == each.final);
    CHECK(answer->finding.reason == each.reason);
  }
  CHECK(answer_to("-WRONGPASS invalid username-password pair\r\n", with_password())->finding.final);
  CHECK(answer_to("+OK\r\n-ERR DB index is out of range\r\n", with_password("99"))->finding.final);
  CHECK(answer_to("+OK\r\n+OK\r\n+PONG\r\n", with_password("1"))->finding.met);
}

TEST_CASE("redis: half an answer is none yet") {
  for (const char* bytes : {"", "+", "+PONG", "+PONG\r", "-LOAD"}) {
    CAPTURE(bytes);
    CHECK_FALSE(answer_to(bytes));
  }
  CHECK_FALSE(answer_to("+OK\r\n", with_password()));
}

TEST_CASE("redis: a connection is kept only where no answer is outstanding") {
  CHECK(answer_to("-LOADING\r\n")->keep);
  CHECK_FALSE(answer_to("-LOADING\r\n", with_password())->keep);
  CHECK_FALSE(answer_to("-NOAUTH\r\n")->keep);
}

TEST_CASE("redis: mistakes in the target") {
  CHECK(make_probe(leaf_of("redis", "//h/0"), {}));
  CHECK(make_probe(leaf_of("redis", "//:p@h:1"), {}));
  CHECK(make_probe(leaf_of("redis", "//h/zero"), {}).error().message ==
        "redis: a database has a number");
  CHECK(make_probe(leaf_of("redis", "//app@h"), {}).error().message ==
        "redis: a user needs a password");
}
