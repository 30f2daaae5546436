#pragma once
// One request and its answer by HTTP/1.1 (RFC 9110, 9112), on a connection of its own. Redirects
// are answers like any other: they are not followed. Bodies are looked at up to 1 MiB.

#include <toolkit/net/stream.hpp>
#include <toolkit/net/url.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <utility>

namespace toolkit::net {

struct HttpRequest {
  Url url;
  std::string method = "GET";  // or HEAD, OPTIONS: those that change nothing and send no body
  bool wants_body = true;      // else the answer is there as soon as its header is
  TlsOptions tls;
};

struct HttpResponse {
  unsigned status = 0;  // 200 to 599 and beyond; never 1xx
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;       // transfer coding undone
  bool body_cut = false;  // it is longer than 1 MiB, and these are its first bytes
};

class HttpExchange {
 public:
  /// Trouble: that of the stream; Cause::closed when the answer ends early, Cause::other for bytes
  /// that are not HTTP.
  using Answer = tl::expected<HttpResponse, Trouble>;

  static std::unique_ptr<HttpExchange> start(HttpRequest request);
  virtual ~HttpExchange() = default;

  virtual void collect(std::vector<pollfd>& entries) const = 0;
  [[nodiscard]] virtual SteadyTime next_deadline() const = 0;
  virtual void advance(std::span<const pollfd> entries, SteadyTime now) = 0;
  /// Nothing while it is under way.
  [[nodiscard]] virtual const std::optional<Answer>& result() const = 0;
  /// How far it has come, for who gives up: "no answer to the request".
  [[nodiscard]] virtual std::string progress() const = 0;
};

}  // namespace toolkit::net
