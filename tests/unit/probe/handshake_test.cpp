#include "leaf.hpp"
#include "scripted_server.hpp"
#include "src/probe/redis.hpp"

#include <doctest/doctest.h>
#include <tests/support/drive_probe.hpp>
#include <tests/support/wait_until.hpp>

using toolkit::probe::Finding;
using toolkit::probe::make_handshake;
using toolkit::probe::make_redis_dialogue;
using toolkit::probe::Probe;
using toolkit::probe::Reason;
using toolkit::probe::ServerAddress;
using toolkit::support::attempt;
using toolkit::support::drive_once;
using toolkit::support::ScriptedServer;
using toolkit::support::Visitor;
using toolkit::support::wait_until;

namespace {

std::unique_ptr<Probe> redis_at(std::uint16_t port, const std::string& host = "127.0.0.1") {
  ServerAddress address;
  address.endpoint = {host, port};
  return make_handshake(address.endpoint, [address] { return make_redis_dialogue(address); });
}

void answer_pings(const Visitor& visitor) {
  while (!visitor.hear("PING\r\n").empty()) {
    visitor.say("+PONG\r\n");
  }
}

}  // namespace

TEST_CASE("a handshake: attempts that are answered share one connection") {
  ScriptedServer server([](const Visitor& visitor, int) {
    visitor.hear("PING\r\n");
    visitor.say("-LOADING Redis is loading the dataset in memory\r\n");
    answer_pings(visitor);
  });
  const auto probe = redis_at(server.port());
  const Finding first = attempt(*probe);
  CHECK_FALSE(first.met);
  CHECK(first.reason == Reason::not_yet);
  CHECK(first.words == "LOADING Redis is loading the dataset in memory");
  for (int i = 0; i < 3; ++i) {
    CHECK(attempt(*probe).met);
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("a handshake: a kept connection that is closed when asked leads to exactly one new one") {
  ScriptedServer server([](const Visitor& visitor, int number) {
    visitor.hear("PING\r\n");
    visitor.say("+PONG\r\n");
    visitor.hear("PING\r\n");  // and leaves
    CHECK(number <= 2);
  });
  const auto probe = redis_at(server.port());
  CHECK(attempt(*probe).met);
  CHECK(attempt(*probe).met);
  CHECK(server.connections() == 2);
}

TEST_CASE("a handshake: a silent kept connection is asked twice, then one new one once") {
  std::atomic<int> questions_on_first = 0, questions_on_second = 0;
  ScriptedServer server([&](const Visitor& visitor, int number) {
    visitor.hear("PING\r\n");
    if (number == 1) {
      visitor.say("+PONG\r\n");
      while (!visitor.hear("PING\r\n").empty()) {
        ++questions_on_first;
      }
    } else {
      ++questions_on_second;
      visitor.hear_out();
    }
  });
  const auto probe = redis_at(server.port());
  CHECK(attempt(*probe).met);
  const Finding finding = attempt(*probe, std::chrono::milliseconds(800));
  CHECK_FALSE(finding.met);
  CHECK_FALSE(finding.final);
  CHECK(finding.reason == Reason::timed_out);
  CHECK(finding.words == "connected, and no answer");
  CHECK(questions_on_first == 2);
  CHECK(questions_on_second == 1);
  CHECK(server.connections() == 2);
}

TEST_CASE("a handshake: a new connection that fails ends the attempt, and the next one is new") {
  ScriptedServer server([](const Visitor& visitor, int) { visitor.hear("PING\r\n"); });
  const auto probe = redis_at(server.port());
  for (int attempts = 1; attempts <= 3; ++attempts) {
    const Finding finding = attempt(*probe);
    CHECK(finding.reason == Reason::protocol);
    CHECK(finding.words == "closed the connection without an answer");
    CHECK_FALSE(finding.final);
    CHECK(server.connections() == attempts);
  }
}

TEST_CASE("a handshake: a refusal ends at once, also on a kept connection") {
  ScriptedServer server([](const Visitor& visitor, int) {
    visitor.hear("PING\r\n");
    visitor.say("+PONG\r\n");
    visitor.hear("PING\r\n");
    visitor.say("-NOAUTH Authentication required.\r\n");
    visitor.hear_out();
  });
  const auto probe = redis_at(server.port());
  CHECK(attempt(*probe).met);
  const Finding finding = attempt(*probe);
  CHECK(finding.final);
  CHECK(finding.reason == Reason::auth);
  CHECK(server.connections() == 1);
}

TEST_CASE("a handshake: what comes late is not taken for the next attempt's answer") {
  std::atomic<bool> asked = false;
  ScriptedServer server([&](const Visitor& visitor, int number) {
    visitor.hear("PING\r\n");
    asked = true;
    if (number == 1) {
      visitor.hear("PING\r\n");  // or that it leaves
      visitor.say("+PONG\r\n");
      return;
    }
    visitor.say("-LOADING\r\n");
    visitor.hear_out();
  });
  const auto probe = redis_at(server.port());
  const auto now = std::chrono::steady_clock::now();
  probe->begin(now, now + std::chrono::seconds(60));
  REQUIRE(wait_until([&] {
    drive_once(*probe, std::chrono::steady_clock::now() + std::chrono::milliseconds(5));
    return asked.load();
  }));
  CHECK(attempt(*probe).words == "LOADING");
  CHECK(server.connections() == 2);
}

TEST_CASE("a handshake: a server that goes away between attempts stirs the probe") {
  std::atomic<bool> leave = false;
  ScriptedServer server([&](const Visitor& visitor, int) {
    visitor.hear("PING\r\n");
    visitor.say("+PONG\r\n");
    (void)wait_until([&] { return leave.load(); });
  });
  const auto probe = redis_at(server.port());
  CHECK(attempt(*probe).met);
  CHECK_FALSE(probe->stirred());
  leave = true;
  CHECK(wait_until([&] {
    drive_once(*probe, std::chrono::steady_clock::now() + std::chrono::milliseconds(50));
    return probe->stirred();
  }));
}

TEST_CASE("a handshake: nobody listens") {
  std::uint16_t port = 0;
  {
    ScriptedServer server([](const Visitor&, int) {});
    port = server.port();
  }
  const Finding finding = attempt(*redis_at(port));
  CHECK(finding.reason == Reason::refused);
  CHECK_FALSE(finding.final);
}

TEST_CASE("a handshake: a name that does not exist is asked for again by each attempt") {
  const auto probe = redis_at(6379, "no-such-host.invalid");
  CHECK(attempt(*probe).reason != Reason::none);
  const Finding again = attempt(*probe);
  CHECK_FALSE(again.met);
  CHECK_FALSE(again.final);
}

TEST_CASE("a handshake: silence from the first byte ends with the attempt's time") {
  ScriptedServer server([](const Visitor& visitor, int) { visitor.hear_out(); });
  const auto before = std::chrono::steady_clock::now();
  const Finding finding = attempt(*redis_at(server.port()), std::chrono::milliseconds(300));
  CHECK(finding.reason == Reason::timed_out);
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(5));
  CHECK(server.connections() == 1);
}

TEST_CASE("a handshake: an answer in pieces, and bytes without end that are none") {
  ScriptedServer server([](const Visitor& visitor, int number) {
    visitor.hear("PING\r\n");
    if (number == 1) {
      for (const char c : std::string("+PONG\r\n")) {
        visitor.say(std::string(1, c));
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
    } else {
      for (int i = 0; i < 300; ++i) {
        visitor.say(std::string(4096, '+'));
      }
    }
    visitor.hear_out();
  });
  CHECK(attempt(*redis_at(server.port())).met);
  CHECK(attempt(*redis_at(server.port())).reason == Reason::protocol);
}
