#pragma once
// HTTP/1.1 (RFC 9110, 9112) for programs that move bytes: connections are kept and shared among
// threads, calls block, bodies stream in both directions without being copied. Redirects are
// answers like any other. Who only wants to ask whether somebody answers has http.hpp.

#include <toolkit/base/duration.hpp>
#include <toolkit/base/result.hpp>
#include <toolkit/net/http.hpp>
#include <toolkit/net/url.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toolkit::net {

using HttpFields = std::vector<std::pair<std::string, std::string>>;

/// The first field of this name, in any case; null when there is none.
[[nodiscard]] const std::string* find_field(const HttpFields& fields, std::string_view name);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7); nothing for anything else.
[[nodiscard]] std::optional<WallTime> parse_http_date(std::string_view text);

struct ClientRequest {
  std::string method = "GET";
  Url url;
  HttpFields fields;  // all but Host, Content-Length, Connection and Expect

  /// What is sent: `bytes`, borrowed; or `body_size` bytes that `body` gives piece by piece: those
  /// from `offset` on, at least one, which stay as they are until the next call. A second try
  /// begins at 0 again. An error of `body` ends the call and is its result.
  std::string_view bytes;
  std::uint64_t body_size = 0;
  std::function<Result<std::string_view>(std::uint64_t offset)> body;

  /// Where the body of a 2xx answer goes; all others, and all without a sink, are kept in
  /// HttpResponse::body up to `body_limit`, and cut there. An error of it is the call's result.
  std::function<Result<void>(std::string_view piece)> sink;
  std::size_t body_limit = 1 << 20;

  /// Asks before the body is sent, and waits up to 1 s for an answer (RFC 9110, 10.1.1): for large
  /// ones that may be refused.
  bool expect_continue = false;
  /// Sent once more, on a fresh connection, when a kept one turns out to be closed before a byte of
  /// an answer has come (RFC 9112, 9.3.1). Never repeated on other grounds.
  bool repeatable = true;
};

struct HttpClientSettings {
  Milliseconds connect_limit{30'000};  // name, connection and handshake, all together
  Milliseconds silence{30'000};        // without a byte in either direction
  int stop_fd = -1;                    // readable: every call ends with `interrupted`
  TlsOptions tls;                      // server_name must be empty
  /// HTTPS_PROXY, HTTP_PROXY, NO_PROXY, and in lower case, which come first; null: no proxies.
  const char* (*get_env)(const char*) = nullptr;
  std::size_t kept_connections = 64;  // idle ones, of all servers together
  Milliseconds kept_for{15'000};      // shorter than servers keep theirs, S3's 20 s
};

class HttpClient {
 public:
  [[nodiscard]] static std::unique_ptr<HttpClient> make(HttpClientSettings settings);
  virtual ~HttpClient() = default;

  /// From several threads at once. Any answer is a result, whatever its status. Errors begin with
  /// the server, "db:443: connection refused", and are: unavailable (no connection, broken off,
  /// silent), failed (a certificate, an answer that is not HTTP), interrupted, usage (a proxy in
  /// the environment that is none).
  [[nodiscard]] virtual Result<HttpResponse> send(const ClientRequest& request) = 0;
};

}  // namespace toolkit::net
