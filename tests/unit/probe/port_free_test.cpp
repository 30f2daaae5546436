#include "leaf.hpp"

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/probe/port_holder.hpp>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <tests/support/drive_probe.hpp>
#include <unistd.h>

#include <cstring>

using toolkit::UniqueFd;
using toolkit::probe::Finding;
using toolkit::probe::make_probe;
using toolkit::probe::parse_socket;
using toolkit::probe::Reason;
using toolkit::support::attempt;
using toolkit::support::leaf_of;

namespace {

struct Socket {
  UniqueFd fd;
  std::uint16_t port = 0;
};

struct How {
  bool reuse_address = true, only_ipv6 = false, listen = true;
};

// A server on an address, "127.0.0.1" or "::", with a port that the kernel chooses. Without IPv6
// there is no descriptor.
Socket serve(const std::string& host, How how = {}) {
  const bool ipv6 = host.find(':') != std::string::npos;
  Socket made{UniqueFd(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), 0};
  sockaddr_storage storage{};
  const int reuse = how.reuse_address ? 1 : 0, only = how.only_ipv6 ? 1 : 0;
  ::setsockopt(made.fd.get(), SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  if (ipv6) {
    ::setsockopt(made.fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  }
  storage.ss_family = ipv6 ? AF_INET6 : AF_INET;
  void* address = ipv6 ? static_cast<void*>(&reinterpret_cast<sockaddr_in6*>(&storage)->sin6_addr)
                       : &reinterpret_cast<sockaddr_in*>(&storage)->sin_addr;
  REQUIRE(::inet_pton(storage.ss_family, host.c_str(), address) == 1);
  socklen_t size = ipv6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (::bind(made.fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) {
    made.fd.close();
    return made;
  }
  REQUIRE((!how.listen || ::listen(made.fd.get(), 4) == 0));
  REQUIRE(::getsockname(made.fd.get(), reinterpret_cast<sockaddr*>(&storage), &size) == 0);
  made.port =
      ntohs(reinterpret_cast<sockaddr_in*>(&storage)->sin_port);  // at the same place in both
  return made;
}

Finding ask(const std::string& target) {
  const auto probe = make_probe(leaf_of("port-free", target), {});
  REQUIRE(probe);
  return attempt(**probe);
}

std::string us() { return "taken by pid " + std::to_string(::getpid()) + " ("; }

}  // namespace

TEST_CASE("port-free: a listener of any kind takes the port, and is named") {
  for (const char* host : {"127.0.0.1", "0.0.0.0", "::", "::1"}) {
    for (const bool reuse : {true, false}) {
      for (const bool only_ipv6 : {true, false}) {
        CAPTURE(host);
        CAPTURE(reuse);
        CAPTURE(only_ipv6);
        Socket server = serve(host, {reuse, only_ipv6, true});
        if (!server.fd) {
          MESSAGE("skipped: no IPv6 here");
          continue;
        }
        const std::string port = std::to_string(server.port);
        const Finding finding = ask(port);
        CHECK_FALSE(finding.met);
        CHECK_FALSE(finding.final);
        CHECK(finding.reason == Reason::busy);
        CHECK(finding.words.starts_with(us()));
        CHECK(finding.words.ends_with((*host == ':' ? "[" + std::string(host) + "]" : host) + ":" +
                                      port));
        server.fd.close();
        CHECK(ask(port).met);
      }
    }
  }
}

TEST_CASE("port-free: a dual-stack listener on :: takes 127.0.0.1, one for IPv6 only does not") {
  const Socket dual = serve("::", {true, false, true});
  const Socket only = serve("::", {true, true, true});
  if (!dual.fd || !only.fd) {
    MESSAGE("skipped: no IPv6 here");
    return;
  }
  CHECK(ask("127.0.0.1:" + std::to_string(dual.port)).reason == Reason::busy);
  CHECK(ask("localhost:" + std::to_string(dual.port)).reason == Reason::busy);
  CHECK(ask("127.0.0.1:" + std::to_string(only.port)).met);
  CHECK(ask("[::1]:" + std::to_string(only.port)).reason == Reason::busy);
}

TEST_CASE("port-free: a listener on one address leaves the others free") {
  const Socket server = serve("127.0.0.1");
  CHECK(ask("127.0.0.2:" + std::to_string(server.port)).met);
  CHECK(ask("0.0.0.0:" + std::to_string(server.port)).reason == Reason::busy);
}

TEST_CASE("port-free: an outgoing connection that sits on the port takes it") {
  const Socket server = serve("127.0.0.1");
  const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(server.fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  REQUIRE(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(client.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const Finding finding = ask(std::to_string(ntohs(address.sin_port)));
  CHECK(finding.reason == Reason::busy);
  CHECK(finding.words.starts_with(us()));
  CHECK(finding.words.ends_with(", as one end of a connection"));
}

TEST_CASE("port-free: connections in TIME_WAIT of a server that allows reuse do not count") {
  Socket server = serve("127.0.0.1");
  const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(server.fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  REQUIRE(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  UniqueFd accepted(::accept4(server.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
  accepted.close();  // the server closes first: TIME_WAIT is on its side
  char byte = 0;
  REQUIRE(::recv(client.get(), &byte, 1, 0) == 0);
  ::shutdown(client.get(), SHUT_WR);
  server.fd.close();
  CHECK(ask(std::to_string(server.port)).met);
}

TEST_CASE("port-free: looking does not take the port, and lets nobody in") {
  std::uint16_t port = 0;
  { port = serve("127.0.0.1").port; }
  const auto probe = make_probe(leaf_of("port-free", std::to_string(port)), {});
  CHECK(attempt(**probe).met);
  CHECK(attempt(**probe).met);
}

TEST_CASE("port-free: where only root may bind it cannot be seen") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can become another user");
    return;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) {
      ::_exit(2);
    }
    const auto probe = make_probe(leaf_of("port-free", "127.0.0.1:81"), {});
    (*probe)->begin({}, {});
    const auto finding = (*probe)->take();
    // net.ipv4.ip_unprivileged_port_start may allow it to everybody.
    ::_exit(finding->met ? 3 : finding->reason == Reason::unknown && !finding->final ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WEXITSTATUS(status) == 3) {
    MESSAGE("skipped: everybody may bind low ports here");
    return;
  }
  CHECK(status == 0);
}

TEST_CASE("port-free: an address of another machine is not one to ask here") {
  const Finding finding = ask("192.0.2.1:29500");
  CHECK_FALSE(finding.met);
  CHECK(finding.reason == Reason::unknown);
}

TEST_CASE("port-free: without a descriptor to ask with it cannot be seen") {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  const Finding finding = ask("29500");
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK_FALSE(finding.met);
  CHECK(finding.reason == Reason::unknown);
  CHECK(finding.words == "cannot bind: Too many open files");
}

TEST_CASE("port-free: mistakes in the target") {
  for (const char* target : {"", "0", "65536", "http", "h:80", "1:2:3x", "127.0.0.1:", ":80"}) {
    CAPTURE(target);
    CHECK_FALSE(make_probe(leaf_of("port-free", target), {}));
  }
}

TEST_CASE("a line of /proc/net/tcp") {
  const auto socket = parse_socket(
      "   0: 0100007F:733C 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000   "
      "     0 4242 1 0000000000000000 100 0 0 10 0");
  REQUIRE(socket);
  CHECK(socket->address == "127.0.0.1");
  CHECK(socket->port == 29500);
  CHECK(socket->state == toolkit::probe::kListening);
  CHECK(socket->inode == 4242);
  const auto other = parse_socket(
      "1: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 06 0:0 0:0 0 "
      "0 0 0 1");
  REQUIRE(other);
  CHECK(other->address == "::1");
  CHECK(other->state == toolkit::probe::kTimeWait);
  for (const char* line :
       {"", "sl local_address rem_address st tx_queue rx_queue tr tm->when ret u",
        "0: 0100007F 0:0 0A 0 0 0 0 0 1", "0: 01:1 0:0 0A 0 0 0 0 0 1"}) {
    CAPTURE(line);
    CHECK_FALSE(parse_socket(line));
  }
}
