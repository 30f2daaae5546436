#include <src/net/tls.hpp>
#include <tests/unit/net/certificates.hpp>
#include <tests/unit/net/drive.hpp>

#include <thread>

using namespace toolkit;
using net::Cause;
using net::Stream;
using support::Certificates;
using support::drive;
using support::Listener;
using support::Process;

namespace {

// `openssl s_server` with a certificate, on a free port, that echoes lines backwards.
class Server {
 public:
  Server(const Certificates& certificates, const std::string& name)
      : port_(Listener().port),
        process_({"openssl", "s_server", "-rev", "-accept", "127.0.0.1:" + std::to_string(port_),
                  "-cert", certificates.directory() / (name + ".pem"), "-key",
                  certificates.directory() / (name + ".key")}) {
    REQUIRE(process_.wait_for_out("ACCEPT"));
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_;
  Process process_;
};

std::unique_ptr<Stream> connect(std::uint16_t port, net::TlsOptions options) {
  auto stream = Stream::to_tls({"127.0.0.1", port}, std::move(options));
  drive(*stream, [&] {
    return stream->state() == Stream::State::open || stream->state() == Stream::State::failed;
  });
  return stream;
}

std::string refusal(std::uint16_t port, net::TlsOptions options) {
  const auto stream = connect(port, std::move(options));
  return stream->state() == Stream::State::open  ? "accepted"
         : stream->trouble().cause == Cause::tls ? stream->trouble().words
                                                 : "not TLS: " + stream->trouble().words;
}

// A peer that takes one connection, sends these bytes and closes it, or keeps it.
std::string refusal_of_bytes(const std::string& bytes) {
  const Listener listener;
  std::thread peer([&] {
    const UniqueFd fd(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
    char hello[4096];
    ::recv(fd.get(), hello, sizeof hello, 0);
    ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  });
  auto words = refusal(listener.port, {.server_name = {}, .ca_file = {}, .insecure = true});
  peer.join();
  return words;
}

}  // namespace

TEST_CASE("certificates are judged, and the refusals are in plain words") {
  Certificates certificates;
  if (!certificates.is_available()) {
    MESSAGE("skipped: there is no openssl program");
    return;
  }
  const auto options = [&](const std::string& name, bool insecure = false) {
    return net::TlsOptions{name, certificates.ca(), insecure};
  };
  certificates.issue("db", "DNS:db,DNS:*.db.example,IP:127.0.0.1", 2);
  const Server good(certificates, "db");
  CHECK(refusal(good.port(), options("db")) == "accepted");
  CHECK(refusal(good.port(), options("a.db.example")) == "accepted");
  CHECK(refusal(good.port(), options("")) == "accepted");  // 127.0.0.1
  CHECK(refusal(good.port(), options("other")) ==
        "the certificate is for db, *.db.example, 127.0.0.1, not for other");
  CHECK(refusal(good.port(), {"db", "/nonexistent", false}) ==
        "cannot read /nonexistent: no such file or directory");
  CHECK(refusal(good.port(), {"db", certificates.directory() / "db.key", false}) ==
        certificates.directory() / "db.key" + " holds no certificates that can be read");

  Certificates others;
  CHECK(refusal(good.port(), {"db", others.ca(), false}) ==
        "the certificate is signed by an authority that is not trusted here");

  auto stream = connect(good.port(), options("db"));
  REQUIRE(stream->state() == Stream::State::open);
  stream->send("hel");
  stream->send("lo\n");
  CHECK(drive(*stream, [&] { return stream->inbox().find("olleh") != std::string::npos; }));

  certificates.issue("old", "DNS:db", 0);
  const Server expired(certificates, "old");
  CHECK(refusal(expired.port(), options("db")) == "the certificate has expired");
  CHECK(refusal(expired.port(), options("db", true)) == "accepted");

  certificates.issue("self", "DNS:db", 2, false);
  const Server self(certificates, "self");
  CHECK(refusal(self.port(), options("db")) ==
        "the certificate is signed by itself, and not a trusted one");
}

TEST_CASE("peers that do not speak TLS, or stop speaking, are told apart") {
  CHECK(refusal_of_bytes("HTTP/1.1 400 Bad Request\r\n\r\n") ==
        "what answers there does not speak TLS");
  CHECK(refusal_of_bytes("220 mail ready\r\n") == "what answers there does not speak TLS");
  CHECK(refusal_of_bytes("").find("during the TLS handshake") != std::string::npos);
  CHECK(refusal_of_bytes(std::string("\x16\x03\x03\xFF\xFF", 5) + std::string(100, 'x'))
            .find("TLS") != std::string::npos);
}

TEST_CASE("a peer that stalls in the handshake leaves the stream waiting, not blocked") {
  const Listener listener;
  auto stream = Stream::to_tls({"127.0.0.1", listener.port}, {{}, {}, true});
  CHECK_FALSE(drive(
      *stream, [&] { return stream->state() == Stream::State::failed; }, Milliseconds(200)));
  CHECK(stream->state() == Stream::State::handshaking);
}
