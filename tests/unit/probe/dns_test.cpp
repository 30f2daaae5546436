#include <tests/unit/net/name_server.hpp>
#include <tests/unit/probe/network_leaf.hpp>

using namespace toolkit;
using support::DnsMessage;
using support::find;
using support::in_words;
using support::mistake_of;
using support::NameServer;

namespace {

constexpr unsigned kA = 1, kSrv = 33;

// A headless service of so many pods: A records and SRV records, no AAAA.
NameServer::Script pods(int count) {
  return [count](const std::string& question) {
    DnsMessage answer(question, 0);
    for (int i = 0; i < count; ++i) {
      if (DnsMessage::type_of(question) == kA) {
        answer.add_answer(kA, std::string("\x0A\0\0", 3) + static_cast<char>(i));
      } else if (DnsMessage::type_of(question) == kSrv) {
        answer.add_answer(kSrv, DnsMessage::number(0) + DnsMessage::number(0) +
                                    DnsMessage::number(80) + DnsMessage::name("pod.test"));
      }
    }
    return answer.bytes();
  };
}

std::string ask(const NameServer& server, const std::string& leaf) {
  return in_words(find("dns:" + leaf + " server=" + server.address()));
}

}  // namespace

TEST_CASE("dns counts what a name stands for") {
  const NameServer server(pods(3));
  CHECK(ask(server, "pods.test.") == "met: 3 addresses");
  CHECK(ask(server, "pods.test.=3") == "met: 3 addresses");
  CHECK(ask(server, "pods.test.>=3 type=a") == "met: 3 addresses");
  CHECK(ask(server, "pods.test.=2") == "not_yet: 3 addresses, wanted 2");
  CHECK(ask(server, "pods.test.>=4") == "not_yet: 3 addresses, wanted >=4");
  CHECK(ask(server, "pods.test.<3") == "not_yet: 3 addresses, wanted <3");
  CHECK(ask(server, "pods.test.!=2") == "met: 3 addresses");
  CHECK(ask(server, "_http._tcp.pods.test.=3 type=srv") == "met: 3 services");
  CHECK(ask(server, "pods.test. type=aaaa") == "name: the name has no such record");
}

TEST_CASE("dns waits for both families before it counts") {
  const NameServer server([](const std::string& question) {
    DnsMessage answer(question, 0);
    if (DnsMessage::type_of(question) == kA) {
      answer.add_answer(kA, std::string("\x0A\0\0\1", 4));
    } else {
      std::this_thread::sleep_for(Milliseconds(150));
      answer.add_answer(28, std::string("\x20\1", 2) + std::string(14, '\0'));
    }
    return answer.bytes();
  });
  CHECK(ask(server, "dual.test.=2") == "met: 2 addresses");
}

TEST_CASE("dns tells a missing name, a failing server and a silent one apart") {
  const NameServer missing(
      [](const std::string& question) { return DnsMessage(question, 3).bytes(); });
  CHECK(ask(missing, "x.test.") == "name: no such name (NXDOMAIN)");
  const NameServer failing(
      [](const std::string& question) { return DnsMessage(question, 2).bytes(); });
  CHECK(ask(failing, "x.test.") == "unknown: the name server failed (SERVFAIL)");
  const NameServer silent([](const std::string&) { return std::string(); });
  const auto begin = std::chrono::steady_clock::now();
  CHECK(in_words(find("dns:x.test. server=" + silent.address(), {}, Milliseconds(300))) ==
        "timed_out: no answer from the name server");
  CHECK(std::chrono::steady_clock::now() - begin < Milliseconds(900));
}

TEST_CASE("dns knows numbers and localhost by itself") {
  CHECK(in_words(find("dns:192.0.2.1")) == "met: 1 address");
  CHECK(find("dns:localhost").met);
}

TEST_CASE("mistakes in dns leaves are shown where they are") {
  CHECK(mistake_of("dns:a=x").ends_with("[a=x]"));
  CHECK(mistake_of("dns:a==3").ends_with("[a==3]"));
  CHECK(mistake_of("dns:=3").ends_with("[=3]"));
  CHECK(mistake_of("dns:a:80").ends_with("[a:80]"));
  CHECK(mistake_of("dns:a type=mx") == "type is a, aaaa or srv [mx]");
  CHECK(mistake_of("dns:a server=ns.example").ends_with("[ns.example]"));
  CHECK(mistake_of("dns:a ttl=3").ends_with("[ttl]"));
}
