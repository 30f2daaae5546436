#include "frame_bytes.hpp"
#include "raw_client.hpp"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <tests/support/inside.hpp>
#include <tests/support/proc.hpp>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <fstream>

using namespace toolkit;
using namespace toolkit::rendezvous;
using toolkit::support::is_inside;
using namespace std::string_literals;
using std::chrono::steady_clock;

namespace {

const std::string kValidate = "\0\xCE\xF7\x85\x3C"s;
const Request kJoin{Command::add, {"init/"}, 1};

/// How long a new client needs for an answer.
std::chrono::milliseconds round_trip(Barrier& barrier) {
  const auto begin = steady_clock::now();
  RawClient client(barrier);
  CHECK(client.ask(Numbering::plain, {Command::check, {"toolkit/workers"}, 0}, 1) == "\0"s);
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begin);
}

}  // namespace

TEST_CASE("a barrier counts who joins, old clients and new ones") {
  const auto barrier = host(3);
  CHECK(barrier->attendance() == Attendance{0, 3});
  CHECK(describe(barrier->attendance()) == "0/3 joined");
  CHECK(describe({.joined = 2, .workers = 0}) == "2 joined");
  RawClient old(*barrier), young(*barrier), last(*barrier);
  CHECK(old.ask(Numbering::plain, kJoin, 8) == number(1));
  CHECK(barrier->attendance() == Attendance{1, 3});
  young.send(kValidate);
  CHECK(young.ask(Numbering::validated, {Command::ping, {}, 4711}, 4) == "\x67\x12\0\0"s);
  CHECK(young.ask(Numbering::validated, kJoin, 8) == number(2));
  CHECK(young.ask(Numbering::validated, {Command::get, {"toolkit/workers"}, 0}, 9) == value("3"));
  young.send(Numbering::validated, {Command::wait, {"toolkit/ready"}, 0});
  CHECK(young.is_silent());
  CHECK_FALSE(barrier->attendance().complete());
  CHECK(last.ask(Numbering::plain, kJoin, 8) == number(3));
  CHECK(young.receive(1) == "\0"s);
  CHECK(barrier->attendance().complete());
}

TEST_CASE("a barrier is over as it was asked to be") {
  for (const BarrierEnd end : {BarrierEnd::joined, BarrierEnd::left, BarrierEnd::never}) {
    const auto barrier = host(2, end);
    RawClient first(*barrier), second(*barrier), guest(*barrier);
    CHECK(first.ask(Numbering::plain, kJoin, 8) == number(1));
    CHECK_FALSE(barrier->is_over());
    CHECK(second.ask(Numbering::plain, kJoin, 8) == number(2));
    CHECK(barrier->is_over() == (end == BarrierEnd::joined));
    first.close();
    CHECK(drive(*barrier, [&] { return barrier->present() == 1; }));
    CHECK(barrier->is_over() == (end == BarrierEnd::joined));
    second.close();
    CHECK(drive(*barrier, [&] { return barrier->present() == 0; }));
    CHECK(barrier->is_over() == (end != BarrierEnd::never));
    CHECK(barrier->attendance() == Attendance{2, 2});
    CHECK(guest.ask(Numbering::plain, {Command::check, {"toolkit/ready"}, 0}, 1) == "\0"s);
  }
}

TEST_CASE("who leaves before all have come is not counted any more") {
  const auto barrier = host(2);
  RawClient first(*barrier), hasty(*barrier);
  CHECK(hasty.ask(Numbering::plain, kJoin, 8) == number(1));
  hasty.close();
  CHECK(drive(*barrier, [&] { return barrier->attendance().joined == 0; }));
  CHECK(first.ask(Numbering::plain, kJoin, 8) == number(1));
  CHECK_FALSE(barrier->attendance().complete());
}

TEST_CASE("bytes that are no request close their connection and nobody else's") {
  const auto barrier = host(1);
  RawClient worker(*barrier);
  CHECK(worker.ask(Numbering::plain, {Command::add, {"n"}, 1}, 8) == number(1));
  for (const std::string& bytes :
       {"GET / HTTP/1.1\r\n\r\n"s, "\x16\3\1\0\xA5"s, "SSH-2.0-x\r\n"s, std::string(12, '\xFF'),
        "\2\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"s, kValidate + "\xFE"}) {
    CAPTURE(bytes);
    RawClient stranger(*barrier);
    stranger.send(bytes);
    CHECK(stranger.is_closed());
  }
  CHECK(worker.ask(Numbering::plain, {Command::add, {"n"}, 1}, 8) == number(2));
  CHECK(barrier->attendance().joined == 0);
}

TEST_CASE("half a request and idle sockets hold nobody up") {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit before = limit;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t count = std::min<std::size_t>(500, limit.rlim_cur / 4);
  const auto barrier = host(1);
  std::deque<RawClient> idle;
  for (std::size_t i = 0; i < count; ++i) {
    idle.emplace_back(*barrier);
    idle.emplace_back(*barrier).send(i % 2 == 0 ? "\0\2\0\0\0\0\0\0\0k"s : kValidate + "\1");
  }
  CHECK(drive(*barrier, [&] { return barrier->connections() == 2 * count; }));
  std::vector<std::chrono::milliseconds> trips;
  for (int i = 0; i < 20; ++i) {
    trips.push_back(round_trip(*barrier));
  }
  std::ranges::sort(trips);
  MESSAGE("behind " << 2 * count << " strangers a client is answered after " << trips[10].count()
                    << " ms (median), " << trips.back().count() << " ms at most");
  CHECK(trips[10] < std::chrono::milliseconds(500));
  ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_CASE("when descriptors run out the oldest stranger goes first") {
  const auto barrier = host(1);
  RawClient worker(*barrier);
  CHECK(worker.ask(Numbering::plain, kJoin, 8) == number(1));
  RawClient oldest(*barrier), other(*barrier), next(*barrier), last(*barrier);
  CHECK(drive(*barrier, [&] { return barrier->connections() == 5; }));
  // No descriptor above those in use. The test needs none while the limit is there.
  const int used = ::dup(0);
  ::close(used);
  std::vector<UniqueFd> filler;
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  RawClient late(*barrier);
  const rlimit tight{.rlim_cur = static_cast<rlim_t>(used) + 1, .rlim_max = before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &tight);
  late.send(Numbering::plain, {Command::get_num_keys, {}, 0});
  const std::string answer = late.receive(8);
  const bool oldest_is_gone = oldest.is_closed();
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK(answer == number(3));
  CHECK(oldest_is_gone);
  CHECK(other.is_silent());
  CHECK(worker.ask(Numbering::plain, {Command::get, {"init/"}, 0}, 9) == value("1"));
}

TEST_CASE("a client that asks for much and reads nothing costs little") {
  const auto barrier = host(1);
  RawClient greedy(*barrier);
  const std::string large(kMaximumValue, 'v');
  greedy.send(Numbering::plain, {Command::set, {"k", large}, 0});
  const std::string question = encode(Numbering::plain, {Command::get, {"k"}, 0});
  std::string questions;
  for (int i = 0; i < 1000; ++i) {
    questions += question;
  }
  greedy.send(questions);
  for (int i = 0; i < 50; ++i) {
    CHECK(round_trip(*barrier) < std::chrono::seconds(5));
  }
  std::string expected;
  append_value(expected, large);
  for (int i = 0; i < 5; ++i) {
    CHECK(greedy.receive(expected.size()) == expected);
  }
  greedy.close();
  CHECK(drive(*barrier, [&] { return barrier->connections() == 0; }));
}

TEST_CASE("the waits of those who have gone do not fill the store") {
  const auto barrier = host(1);
  Request many{Command::wait, std::vector<std::string>(2000, std::string(kMaximumKey, 'k')), 0};
  for (std::size_t i = 0; i < many.words.size(); ++i) {
    many.words[i].replace(0, 5, std::to_string(10000 + i));
  }
  for (int i = 0; i < 10; ++i) {
    RawClient passer_by(*barrier);
    passer_by.send(Numbering::plain, many);
    CHECK(passer_by.ask(Numbering::plain, {Command::get_num_keys, {}, 0}, 8) == number(1));
    passer_by.close();
    CHECK(drive(*barrier, [&] { return barrier->connections() == 0; }));
  }
}

TEST_CASE("a thousand requests in one piece are answered in order") {
  const auto barrier = host(1);
  RawClient client(*barrier);
  std::string bytes = kValidate, expected;
  for (int i = 1; i <= 1000; ++i) {
    bytes += encode(Numbering::validated, {Command::add, {"n"}, 1});
    expected += number(i);
  }
  client.send(bytes);
  CHECK(client.receive(expected.size()) == expected);
}

TEST_CASE("an address that is none, or is taken, is said so") {
  const auto none = Barrier::listen({.host = "node-0", .port = 0, .workers = 1});
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::usage);
  const auto barrier = host(1);
  const auto taken = Barrier::listen({.host = "127.0.0.1", .port = barrier->port(), .workers = 1});
  REQUIRE_FALSE(taken);
  CHECK(taken.error().message == "cannot listen on 127.0.0.1:" + std::to_string(barrier->port()) +
                                     ": address already in use");
  const auto everywhere = Barrier::listen({.host = "", .port = 0, .workers = 1});
  REQUIRE(everywhere);
  CHECK(round_trip(**everywhere) < std::chrono::seconds(5));
}

TEST_CASE("when requests that never end hold too much, who holds much is closed") {
  const auto barrier = host(1);
  Request large{Command::set, {"k", std::string(kMaximumValue, 'v')}, 0};
  const std::string request = encode(Numbering::plain, large);
  std::deque<RawClient> greedy;
  bool one_is_closed = false;
  for (int i = 0; i < 40 && !one_is_closed; ++i) {
    greedy.emplace_back(*barrier).send(std::string_view(request).substr(0, kMaximumValue));
    one_is_closed = barrier->connections() < greedy.size();
  }
  CHECK(drive(*barrier, [&] { return barrier->connections() < greedy.size(); }));
  CHECK(barrier->connections() > 0);
  CHECK(round_trip(*barrier) < std::chrono::seconds(5));
}

TEST_CASE("an address that is not this machine's is not replaced by another") {
  const auto elsewhere = Barrier::listen({.host = "192.0.2.1", .port = 0, .workers = 1});
  REQUIRE_FALSE(elsewhere);
  CHECK(elsewhere.error().message.starts_with("cannot listen on 192.0.2.1:0: "));
}

TEST_CASE("without a host both families are heard, whatever the machine's habit for IPv6 is") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root may make a network of its own");
    return;
  }
  if (!is_inside("without a host both families are heard*", {"unshare", "--net"})) {
    return;
  }
  const UniqueFd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq loopback{};
  std::strcpy(loopback.ifr_name, "lo");
  loopback.ifr_flags = IFF_UP;
  REQUIRE(::ioctl(any.get(), SIOCSIFFLAGS, &loopback) == 0);
  std::ofstream("/proc/sys/net/ipv6/bindv6only") << 1;
  const UniqueFd young(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!young) {
    MESSAGE("skipped: no IPv6");
    return;
  }
  auto barrier = Barrier::listen({.host = "", .port = 0, .workers = 1});
  REQUIRE(barrier);
  CHECK(round_trip(**barrier) < std::chrono::seconds(5));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons((*barrier)->port());
  address.sin6_addr = in6addr_loopback;
  CHECK(::connect(young.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}
