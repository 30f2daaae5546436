#include <sys/stat.h>
#include <tests/unit/net/certificates.hpp>
#include <tests/unit/net/talking_server.hpp>
#include <tests/unit/probe/network_leaf.hpp>

#include <csignal>

using namespace toolkit;
using probe::Reason;
using support::find;
using support::in_words;
using support::Listener;
using support::TalkingServer;

namespace {

// Hears a request, says this, and closes.
TalkingServer::Script answering(const std::string& bytes) {
  return [bytes](int fd, int) {
    TalkingServer::hear(fd, "\r\n\r\n");
    TalkingServer::say(fd, bytes);
  };
}

std::string words_of(const std::string& bytes, const std::string& parameters = {}) {
  const TalkingServer server(answering(bytes));
  return in_words(find("http://" + server.address() + "/x " + parameters));
}

// nginx on two free ports of loopback, one with TLS, in the foreground.
class Nginx {
 public:
  explicit Nginx(support::Certificates& certificates)
      : dir_(certificates.directory()), plain_(Listener().port), tls_(Listener().port) {
    certificates.issue("server", "DNS:localhost,IP:127.0.0.1", 2);
    dir_.write("html/ready", "{\"state\": \"up\", \"workers\": 8}\n");
    dir_.write("html/large", std::string(300'000, 'x') + "\nready\n");
    ::chmod(dir_.path().c_str(), 0755);  // for nginx' own user
    const std::string conf = dir_.write(
        "nginx.conf",
        "daemon off; pid " + dir_ / "pid" + "; error_log stderr;\nworker_processes 1;\n" +
            "events {}\nhttp { access_log off; root " + dir_ / "html" + ";\n" + temporary_paths() +
            "server { listen 127.0.0.1:" + std::to_string(plain_) +
            "; location /busy { return 503; } location /old { return 301 /ready; }\n" +
            "location /ready { add_header X-Workers 8; } }\nserver { listen 127.0.0.1:" +
            std::to_string(tls_) + " ssl; ssl_certificate " + dir_ / "server.pem" +
            "; ssl_certificate_key " + dir_ / "server.key" + "; } }\n");
    process_.emplace(
        std::vector<std::string>{"nginx", "-e", "stderr", "-p", dir_.path(), "-c", conf});
    REQUIRE(support::wait_until(
        [&] { return find("tcp://" + plain()).met && find("tcp://" + tls()).met; }));
  }
  ~Nginx() {
    process_->signal(SIGTERM);
    process_->wait();
  }
  [[nodiscard]] std::string plain() const { return "127.0.0.1:" + std::to_string(plain_); }
  [[nodiscard]] std::string tls() const { return "127.0.0.1:" + std::to_string(tls_); }

 private:
  [[nodiscard]] std::string temporary_paths() const {
    std::string lines;
    for (const std::string kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      lines += kind + "_temp_path " + dir_ / kind + ";\n";
    }
    return lines;
  }
  const support::TempDir& dir_;
  std::uint16_t plain_, tls_;
  std::optional<support::Process> process_;
};

}  // namespace

TEST_CASE("http asks with a host, no body, and a wish to be closed") {
  std::string request;
  const TalkingServer server([&request](int fd, int) {
    request = TalkingServer::hear(fd, "\r\n\r\n");
    TalkingServer::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  CHECK(in_words(find("http://" + server.address() + "/a?b=c#d")) == "met: HTTP 200");
  CHECK(request.starts_with("GET /a?b=c HTTP/1.1\r\nHost: " + server.address() + "\r\n"));
  CHECK(request.find("Connection: close\r\n") != std::string::npos);
  CHECK(find("http://" + server.address() + "/ method=HEAD").met);
  CHECK(request.starts_with("HEAD / HTTP/1.1\r\n"));
}

TEST_CASE("http says why it is not met") {
  CHECK(words_of("HTTP/1.1 503 Busy\r\n\r\n") == "status: HTTP 503");
  CHECK(words_of("HTTP/1.1 401 No\r\n\r\n") == "auth: HTTP 401");
  CHECK(words_of("") == "protocol: closed without an answer");
  CHECK(words_of("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "body~x") ==
        "protocol: closed in the middle of an answer");
  CHECK(words_of("SSH-2.0-OpenSSH\r\n").starts_with("protocol: the answer is not HTTP/1: "));
  std::string port;
  { port = std::to_string(Listener().port); }
  CHECK(in_words(find("http://127.0.0.1:" + port)) == "refused: connection refused");
}

TEST_CASE("a server that stalls anywhere costs an attempt's time and no more") {
  const auto begin = std::chrono::steady_clock::now();
  const TalkingServer silent([](int fd, int stop) {
    TalkingServer::hear(fd, "\r\n\r\n");
    TalkingServer::is_over(stop, std::chrono::seconds(20));
  });
  CHECK(in_words(find("http://" + silent.address(), {}, Milliseconds(200))) ==
        "timed_out: connected, and no answer");
  const TalkingServer dripping([](int fd, int stop) {
    TalkingServer::hear(fd, "\r\n\r\n");
    TalkingServer::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (!TalkingServer::is_over(stop, Milliseconds(20))) {
      TalkingServer::say(fd, "x");
    }
  });
  CHECK(in_words(find("http://" + dripping.address() + " body~y", {}, Milliseconds(200))) ==
        "timed_out: the body does not end");
  const Listener mute;
  CHECK(in_words(find("https://127.0.0.1:" + std::to_string(mute.port), {{}, {}, true},
                      Milliseconds(200))) == "timed_out: the TLS handshake does not end");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("a body that is not asked for is not waited for") {
  const TalkingServer dripping([](int fd, int stop) {
    TalkingServer::hear(fd, "\r\n\r\n");
    TalkingServer::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    TalkingServer::is_over(stop, std::chrono::seconds(20));
  });
  CHECK(in_words(find("http://" + dripping.address())) == "met: HTTP 200");
}

TEST_CASE("a pattern that takes long over a large body does not hold up the loop") {
  const std::string body(1 << 20, 'x');
  const TalkingServer server(answering("HTTP/1.1 200 OK\r\n\r\n" + body));
  auto made = probe::make_probe(
      support::leaf_of("http://" + server.address() + " body~'(x{1,60}){1,60}y'"), {});
  REQUIRE(made);
  probe::Probe& probe = **made;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  probe.begin(std::chrono::steady_clock::now(), until);
  std::chrono::steady_clock::duration longest{};
  std::optional<probe::Finding> finding;
  while (!finding && std::chrono::steady_clock::now() < until + std::chrono::seconds(5)) {
    std::vector<pollfd> entries;
    probe.collect(entries);
    ::poll(entries.data(), entries.size(), 20);
    const auto before = std::chrono::steady_clock::now();
    probe.advance(entries, before);
    longest = std::max(longest, std::chrono::steady_clock::now() - before);
    finding = probe.take();
  }
  REQUIRE(finding);
  CHECK_FALSE(finding->met);
  CHECK(longest < std::chrono::seconds(1));
}

TEST_CASE("nginx is waited for, with and without TLS") {
  support::Certificates certificates;
  if (!certificates.is_available() || support::run_program({"nginx", "-v"}).exit_code != 0) {
    MESSAGE("skipped: there is no nginx, or no openssl");
    return;
  }
  const Nginx nginx(certificates);
  const std::string plain = "http://" + nginx.plain(), tls = "https://" + nginx.tls();
  const probe::Settings trusting{{}, certificates.ca(), false};
  CHECK(in_words(find(plain + "/ready json:/state=up json:/workers>=8 header:X-Workers=8")) ==
        "met: HTTP 200");
  CHECK(in_words(find(plain + "/busy")) == "status: HTTP 503");
  CHECK(in_words(find(plain + "/old status=2xx")) ==
        "status: HTTP 301 to http://" + nginx.plain() + "/ready");
  CHECK(in_words(find(plain + "/old")) == "met: HTTP 301");
  CHECK(in_words(find(plain + "/large body~^ready$")) == "met: HTTP 200");
  CHECK(in_words(find(plain + "/none")) == "status: HTTP 404");
  CHECK(in_words(find(tls + "/ready body~up", trusting)) == "met: HTTP 200");
  CHECK(in_words(find(tls + "/large body~^ready$", trusting)) == "met: HTTP 200");
  CHECK(in_words(find(tls + "/ready ca=" + certificates.ca())) == "met: HTTP 200");
  CHECK(in_words(find(tls + "/ready verify=no")) == "met: HTTP 200");
  support::Certificates others;
  CHECK(in_words(find(tls + "/ready ca=" + others.ca())) ==
        "tls: the certificate is signed by an authority that is not trusted here");
  CHECK(in_words(find("https://" + nginx.plain(), trusting)) ==
        "tls: what answers there does not speak TLS");
  CHECK(in_words(find("http://" + nginx.tls())) == "status: HTTP 400");
}
