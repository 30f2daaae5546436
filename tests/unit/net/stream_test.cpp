#include <toolkit/net/stream.hpp>

#include <fcntl.h>
#include <src/net/address.hpp>
#include <src/net/race.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/unit/net/drive.hpp>

#include <thread>

using namespace toolkit;
using net::Cause;
using net::Stream;
using support::drive;
using support::Listener;
using support::TempDir;

namespace {

bool settled(const Stream& stream) {
  return stream.state() == Stream::State::open || stream.state() == Stream::State::failed;
}

UniqueFd accept_one(const Listener& listener) {
  UniqueFd fd(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
  REQUIRE(fd);
  return fd;
}

std::string read_some(int fd) {
  std::string bytes(1 << 16, '\0');
  const ssize_t got = ::recv(fd, bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

std::uint16_t free_port() { return Listener().port; }

// A listener whose queue is full: further connections are neither taken nor refused.
struct FullListener {
  FullListener() : listener(AF_INET, SOCK_STREAM, 0) {
    for (int i = 0; i < 3; ++i) {
      UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      const auto to = *net::numeric_address("127.0.0.1", listener.port);
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to.storage), to.size);
      guests.push_back(std::move(fd));
    }
  }
  Listener listener;
  std::vector<UniqueFd> guests;
};

}  // namespace

TEST_CASE("a stream carries bytes both ways, and what was queued goes out in one piece") {
  for (const int family : {AF_INET, AF_INET6}) {
    const Listener listener(family);
    auto stream = Stream::to({family == AF_INET ? "127.0.0.1" : "::1", listener.port});
    stream->send("one ");
    stream->send("two");
    REQUIRE(drive(*stream, [&] { return settled(*stream); }));
    REQUIRE(stream->state() == Stream::State::open);
    CHECK(stream->peer() ==
          (family == AF_INET ? "127.0.0.1:" : "[::1]:") + std::to_string(listener.port));
    const UniqueFd peer = accept_one(listener);
    drive(
        *stream, [&] { return false; }, Milliseconds(20));
    CHECK(read_some(peer.get()) == "one two");
    REQUIRE(::send(peer.get(), "answer", 6, 0) == 6);
    CHECK(drive(*stream, [&] { return stream->inbox() == "answer"; }));
  }
}

TEST_CASE("a peer that closes leaves what it said, and the stream says closed") {
  const Listener listener;
  auto stream = Stream::to({"127.0.0.1", listener.port});
  REQUIRE(drive(*stream, [&] { return settled(*stream); }));
  UniqueFd peer = accept_one(listener);
  REQUIRE(::send(peer.get(), "last", 4, 0) == 4);
  peer.close();
  REQUIRE(drive(*stream, [&] { return stream->state() == Stream::State::failed; }));
  CHECK(stream->inbox() == "last");
  CHECK(stream->trouble().cause == Cause::closed);
  CHECK(stream->trouble().words == "closed by the server");
}

TEST_CASE("a peer that resets the connection does not end us with SIGPIPE") {
  const Listener listener;
  auto stream = Stream::to({"127.0.0.1", listener.port});
  REQUIRE(drive(*stream, [&] { return settled(*stream); }));
  UniqueFd peer = accept_one(listener);
  const linger reset{1, 0};
  ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  peer.close();
  stream->send("into the void");
  REQUIRE(drive(*stream, [&] { return stream->state() == Stream::State::failed; }));
  CHECK(stream->trouble().cause == Cause::closed);
}

TEST_CASE("a port without a listener is refused, and never connected to itself") {
  // Ports that the kernel may pick as its own: without a look, one of these connects to itself.
  for (int i = 0; i < 2000; ++i) {
    const auto port = static_cast<std::uint16_t>(i == 0 ? free_port() : 32768 + 2 * i + 1);
    auto stream = Stream::to({"127.0.0.1", port});
    REQUIRE(drive(*stream, [&] { return settled(*stream); }));
    if (stream->state() == Stream::State::open) {  // somebody else's service
      CHECK(stream->peer() == "127.0.0.1:" + std::to_string(port));
      continue;
    }
    REQUIRE(stream->trouble().cause == Cause::refused);
    REQUIRE(stream->trouble().words == "connection refused");
  }
}

TEST_CASE("a socket that connects to itself counts as refused") {
  // A range of one port makes the kernel choose it.
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto own = *net::numeric_address("127.0.0.1", free_port());
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own.storage), own.size) == 0);
  CHECK(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&own.storage), own.size) == 0);
  CHECK(net::is_connected_to_itself(fd.get()));
}

TEST_CASE("an address that does not answer stays connecting, and is given up without a trace") {
  const FullListener full;
  auto stream = Stream::to({"127.0.0.1", full.listener.port});
  CHECK_FALSE(drive(
      *stream, [&] { return settled(*stream); }, Milliseconds(300)));
  CHECK(stream->state() == Stream::State::connecting);
  std::vector<pollfd> entries;
  stream->collect(entries);
  REQUIRE(entries.size() == 1);
  stream.reset();
  CHECK(::fcntl(entries[0].fd, F_GETFD) == -1);
}

TEST_CASE("a second address joins the race after 250 ms and wins against a silent one") {
  const FullListener full;
  const Listener listener(AF_INET6);
  const auto begin = std::chrono::steady_clock::now();
  net::Race race({*net::numeric_address("127.0.0.1", full.listener.port),
                  *net::numeric_address("::1", listener.port)},
                 begin);
  REQUIRE(drive(race, [&] { return static_cast<bool>(race.winner()); }));
  CHECK(std::chrono::steady_clock::now() - begin >= Milliseconds(250));
  CHECK(race.peer() == "[::1]:" + std::to_string(listener.port));
}

TEST_CASE("an address that refuses lets the next one begin at once") {
  const Listener listener;
  net::Race race({*net::numeric_address("::1", free_port()),
                  *net::numeric_address("127.0.0.1", listener.port)},
                 std::chrono::steady_clock::now());
  CHECK(drive(
      race, [&] { return static_cast<bool>(race.winner()); }, Milliseconds(200)));
}

TEST_CASE("when all addresses fail the most telling reason is reported") {
  const auto port = free_port();
  net::Race race(
      {*net::numeric_address("127.0.0.1", port), *net::numeric_address("ff02::1%lo", port)},
      std::chrono::steady_clock::now());
  REQUIRE(drive(race, [&] { return race.trouble().has_value(); }));
  CHECK(race.trouble()->cause == Cause::refused);
}

TEST_CASE("a stream to a unix socket connects by path and by abstract name") {
  const TempDir dir;
  for (const std::string& path :
       {dir / "socket", "@toolkit-stream-test-" + std::to_string(::getpid())}) {
    CAPTURE(path);
    const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = *net::path_address(path);
    CHECK(address.text() == path);
    const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
    REQUIRE(::bind(listener.get(), to, address.size) == 0);
    auto refused = Stream::to_path(path);
    CHECK(refused->state() == Stream::State::failed);
    CHECK(refused->trouble().cause == Cause::refused);
    REQUIRE(::listen(listener.get(), 1) == 0);
    auto stream = Stream::to_path(path);
    CHECK(stream->state() == Stream::State::open);
  }
}

TEST_CASE("a unix socket that is not there, or cannot be, says so") {
  const TempDir dir;
  auto absent = Stream::to_path(dir / "none");
  CHECK(absent->state() == Stream::State::failed);
  CHECK(absent->trouble().words == "no such file or directory");
  auto too_long = Stream::to_path("/" + std::string(200, 'x'));
  CHECK(too_long->state() == Stream::State::failed);
  CHECK(too_long->trouble().words == "a unix socket's path has 1 to 107 bytes");
}

TEST_CASE("a unix socket with a full queue is not ready, and nobody hangs") {
  const TempDir dir;
  const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = *net::path_address(dir / "socket");
  REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address.storage),
                 address.size) == 0);
  REQUIRE(::listen(listener.get(), 0) == 0);
  auto first = Stream::to_path(dir / "socket");
  CHECK(first->state() == Stream::State::open);
  auto second = Stream::to_path(dir / "socket");
  CHECK(second->state() == Stream::State::failed);
  CHECK(second->trouble().cause == Cause::timed_out);
}

TEST_CASE("reading stops at 1 MiB until the reader has used some") {
  const Listener listener;
  auto stream = Stream::to({"127.0.0.1", listener.port});
  REQUIRE(drive(*stream, [&] { return settled(*stream); }));
  const UniqueFd peer = accept_one(listener);
  std::thread writer([&] {
    const std::string flood(4 << 20, 'x');
    for (std::size_t at = 0; at < flood.size();) {
      const ssize_t sent = ::send(peer.get(), flood.data() + at, flood.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) {
        break;
      }
      at += static_cast<std::size_t>(sent);
    }
  });
  CHECK(drive(*stream, [&] { return stream->inbox().size() >= 1 << 20; }));
  std::vector<pollfd> entries;
  stream->collect(entries);
  CHECK((entries[0].events & POLLIN) == 0);
  CHECK(stream->inbox().size() < (1 << 20) + (64 << 10));
  std::size_t total = 0;
  CHECK(drive(*stream, [&] {
    total += stream->inbox().size();
    stream->inbox().clear();
    return total == 4 << 20;
  }));
  writer.join();
}
