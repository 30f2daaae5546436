// Against a real TLS server: openssl's, which answers with a page for every GET.
#include <toolkit/net/http_client.hpp>

#include <tests/support/http_server.hpp>
#include <tests/unit/net/certificates.hpp>

using namespace toolkit;
using support::Certificates;
using support::HttpHeard;
using support::HttpServer;
using support::Listener;
using support::Process;

namespace {

// Serves the files of the certificates' directory.
class Server {
 public:
  explicit Server(const Certificates& certificates)
      : port_(Listener().port),
        process_({"/bin/sh", "-c",
                  "cd \"$1\" && exec openssl s_server -WWW -accept 127.0.0.1:" +
                      std::to_string(port_) + " -cert db.pem -key db.key",
                  "sh", certificates.directory().path()}) {
    REQUIRE(process_.wait_for_out("ACCEPT"));
  }
  [[nodiscard]] std::string url(const std::string& target) const {
    return "https://127.0.0.1:" + std::to_string(port_) + target;
  }

 private:
  std::uint16_t port_;
  Process process_;
};

}  // namespace

TEST_CASE("http client: over TLS, large bodies too, and certificates are judged") {
  Certificates certificates;
  if (!certificates.is_available()) {
    MESSAGE("skipped: there is no openssl program");
    return;
  }
  certificates.issue("db", "IP:127.0.0.1", 2);
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) {
    bytes += std::to_string(i) + '\n';
  }
  certificates.directory().write("large", bytes);
  const Server server(certificates);
  net::HttpClientSettings settings;
  settings.tls.ca_file = certificates.ca();
  std::string got;
  net::ClientRequest get;
  get.url = *net::parse_url(server.url("/large"));
  get.sink = [&got](std::string_view piece) -> Result<void> {
    got += piece;
    return {};
  };
  const auto answer = net::HttpClient::make(settings)->send(get);
  REQUIRE_MESSAGE(answer, answer.error().message);
  CHECK(answer->status == 200);
  CHECK(got == bytes);
  settings.tls.ca_file = certificates.directory() / "db.pem";
  const auto refused = net::HttpClient::make(settings)->send(get);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::failed);
  CHECK(refused.error().remedy.find("SSL_CERT_FILE") != std::string::npos);
}
