#pragma once
// Bytes to an HTTP response; the only file behind which Boost.Beast is.

#include <toolkit/net/http.hpp>

namespace toolkit::net {

class HttpParser {
 public:
  /// `head`: an answer to HEAD, whose header speaks of a body that does not come.
  static std::unique_ptr<HttpParser> make(bool head, bool wants_body);
  virtual ~HttpParser() = default;

  /// Takes what it understands off the front of `bytes`; `ended` when no more will come. The
  /// response once it is complete as far as wanted, the words of what is wrong, or nothing yet.
  [[nodiscard]] virtual std::optional<HttpExchange::Answer> take(std::string& bytes,
                                                                 bool ended) = 0;
  [[nodiscard]] virtual bool has_header() const = 0;
};

}  // namespace toolkit::net
