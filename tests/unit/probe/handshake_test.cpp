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

int count_pings(std::string_view heard) {
  int count = 0;
  for (auto at = heard.find("PING"); at != std::string_view::npos;
       at = heard.find("PING", at + 1)) {
    ++count;
  }
  return count;
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
  std::atomic<int> on_first = 0, on_second = 0;
  ScriptedServer server([&](const Visitor& visitor, int number) {
    if (number == 1) {
      visitor.hear("PING\r\n");
      visitor.say("+PONG\r\n");
    }
    (number == 1 ? on_first : on_second) = count_pings(visitor.hear_out());
  });
  auto probe = redis_at(server.port());
  CHECK(attempt(*probe).met);
  const Finding finding = attempt(*probe, std::chrono::milliseconds(2000));
  CHECK_FALSE(finding.met);
  CHECK_FALSE(finding.final);
  CHECK(finding.reason == Reason::timed_out);
  CHECK(finding.words == "connected, and no answer");
  CHECK(wait_until([&] { return on_first == 2 && on_second == 1; }));
  CHECK(server.connections() == 2);
}

TEST_CASE("a handshake: a connection that was asked twice is not kept for another answer to come") {
  ScriptedServer server([](const Visitor& visitor, int number) {
    visitor.hear("PING\r\n");
    visitor.say("+PONG\r\n");
    if (number == 1) {
      visitor.hear("PING\r\n*1\r\n$4\r\nPING\r\n");
      visitor.say("+PONG\r\n");
      visitor.hear("PING\r\n");
      visitor.say("-NOAUTH a third question\r\n");
    }
    visitor.hear_out();
  });
  const auto probe = redis_at(server.port());
  CHECK(attempt(*probe).met);
  CHECK(attempt(*probe, std::chrono::milliseconds(4000)).met);
  CHECK(server.connections() == 1);
  CHECK(attempt(*probe).met);
  CHECK(server.connections() == 2);
}

TEST_CASE("a handshake: a goodbye on a kept connection says nothing about new ones") {
  ScriptedServer server([](const Visitor& visitor, int number) {
    visitor.hear("PING\r\n");
    visitor.say("+PONG\r\n");
    if (number == 1) {
      visitor.hear("PING\r\n");
      visitor.say("-ERR max number of clients reached\r\n");
      return;
    }
    visitor.hear_out();
  });
  const auto probe = redis_at(server.port());
  CHECK(attempt(*probe).met);
  CHECK(attempt(*probe).met);
  CHECK(server.connections() == 2);
}

TEST_CASE("a handshake: a server that closes after each answer is not asked in a circle") {
  ScriptedServer server([](const Visitor& visitor, int) {
    visitor.hear("PING\r\n");
    visitor.say("+PONG\r\n");
  });
  const auto probe = redis_at(server.port());
  CHECK(attempt(*probe).met);
  drive_once(*probe, std::chrono::steady_clock::now() + std::chrono::milliseconds(150));
  CHECK_FALSE(probe->stirred());
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
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
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
