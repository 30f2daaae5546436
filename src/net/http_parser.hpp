#pragma once
// Bytes to an HTTP response; the only file behind which Boost.Beast is.

#include <toolkit/base/result.hpp>
#include <toolkit/net/http.hpp>

#include <functional>

namespace toolkit::net {

struct HttpParserOptions {
  bool head = false;  // an answer to HEAD, whose header speaks of a body that does not come
  bool wants_body = true;
  std::size_t body_limit = 1 << 20;  // of what is kept
  /// Where the body of a 2xx answer goes instead; an error of it ends the parsing.
  std::function<Result<void>(std::string_view piece)> sink;
};

class HttpParser {
 public:
  static std::unique_ptr<HttpParser> make(HttpParserOptions options);
  static std::unique_ptr<HttpParser> make(bool head, bool wants_body);
  virtual ~HttpParser() = default;

  /// Takes what it understands off the front of `bytes`; `ended` when no more will come. The
  /// response once it is complete as far as wanted, the words of what is wrong, or nothing yet.
  [[nodiscard]] virtual std::optional<HttpExchange::Answer> take(std::string& bytes,
                                                                 bool ended) = 0;
  [[nodiscard]] virtual bool has_header() const = 0;
  /// A 1xx answer has come: "100 Continue".
  [[nodiscard]] virtual bool had_interim() const = 0;
  /// Once the response is there: the connection is good for another one (RFC 9112, 9.3).
  [[nodiscard]] virtual bool keeps_alive() const = 0;
  /// Why the sink ended the parsing.
  [[nodiscard]] virtual const std::optional<Error>& sink_error() const = 0;
};

}  // namespace toolkit::net
