#include <sys/un.h>
#include <tests/support/temp_dir.hpp>
#include <tests/unit/net/talking_server.hpp>
#include <tests/unit/probe/network_leaf.hpp>

using namespace toolkit;
using probe::Reason;
using support::find;
using support::in_words;
using support::Listener;
using support::mistake_of;
using support::TalkingServer;

TEST_CASE("tcp is met where somebody listens, in each way of writing it") {
  const Listener four;
  const std::string port = std::to_string(four.port);
  CHECK(in_words(find("tcp://127.0.0.1:" + port)) == "met: 127.0.0.1:" + port + " accepts");
  CHECK(find("tcp:127.0.0.1:" + port + "").met);
  CHECK(find("tcp://localhost:" + port + "/").met);
  const Listener six(AF_INET6);
  CHECK(find("tcp://[::1]:" + std::to_string(six.port)).met);
}

TEST_CASE("tcp says why it is not met") {
  std::string port;
  { port = std::to_string(Listener().port); }
  CHECK(in_words(find("tcp://127.0.0.1:" + port)) == "refused: connection refused");
  CHECK(find("tcp://no-such-host.invalid:80").reason == Reason::name);
}

TEST_CASE("tcp with a banner is met by what the server says, not by its ear") {
  const TalkingServer server([](int fd, int stop) {
    TalkingServer::say(fd, "SSH-2.0-Open");
    TalkingServer::say(fd, "SSH_9.2\r\n");
    TalkingServer::is_over(stop, Milliseconds(300));
  });
  CHECK(in_words(find("tcp://" + server.address() + " banner~^SSH-2.*OpenSSH")) ==
        "met: it says 'SSH-2.0-OpenSSH_9.2'");
  CHECK(in_words(find("tcp://" + server.address() + " banner~SMTP")) ==
        "status: it says 'SSH-2.0-OpenSSH_9.2'");
}

TEST_CASE("tcp with a banner tells silence, an early end and a flood apart") {
  const TalkingServer silent(
      [](int, int stop) { TalkingServer::is_over(stop, Milliseconds(300)); });
  CHECK(in_words(find("tcp://" + silent.address() + " banner~x", {}, Milliseconds(100))) ==
        "timed_out: connected, and no answer");
  const TalkingServer closing([](int, int) {});
  CHECK(in_words(find("tcp://" + closing.address() + " banner~x")) ==
        "protocol: closed by the server");
  const TalkingServer flood([](int fd, int) { TalkingServer::say(fd, std::string(100'000, 'y')); });
  CHECK(find("tcp://" + flood.address() + " banner~x").reason == Reason::status);
}

TEST_CASE("an attempt ends with its time, and the next one begins anew") {
  const Listener full(AF_INET, SOCK_STREAM, 0);
  std::vector<UniqueFd> guests;
  for (int i = 0; i < 3; ++i) {
    guests.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(full.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(guests.back().get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  auto made =
      probe::make_probe(support::leaf_of("tcp://127.0.0.1:" + std::to_string(full.port)), {});
  REQUIRE(made);
  for (int i = 0; i < 2; ++i) {
    CHECK(in_words(support::attempt(**made, Milliseconds(100))) ==
          "timed_out: no answer to the connection");
  }
}

TEST_CASE("mistakes in tcp and unix leaves are shown where they are") {
  CHECK(mistake_of("tcp://db").find("the port is missing [//db]") != std::string::npos);
  CHECK(mistake_of("tcp://db:99999").find("1 to 65535 [//db:99999]") != std::string::npos);
  CHECK(mistake_of("tcp://db:1 bananas=1") == "tcp: has no 'bananas' [bananas]");
  CHECK(mistake_of("tcp://db:1 banner=x") == "'banner' goes with ~ and not with = [banner=x]");
  CHECK(mistake_of("tcp://db:1 banner~a(").ends_with("[(]"));
  CHECK(mistake_of("unix:/" + std::string(200, 'x')).starts_with("a unix socket's path has"));
}

TEST_CASE("unix is met where somebody listens, and says what is there instead") {
  const support::TempDir dir;
  CHECK(in_words(find("unix:" + dir / "socket")) == "absent: no such file or directory");
  dir.write("file", "");
  CHECK(find("unix:" + dir / "file").reason == Reason::refused);
  const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = dir / "socket";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(in_words(find("unix:" + path)) == "refused: connection refused");
  REQUIRE(::listen(listener.get(), 4) == 0);
  CHECK(in_words(find("unix:" + path)) == "met: " + path + " accepts");
  CHECK(find("unix://" + path).met);
}
