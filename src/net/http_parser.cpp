#include "http_parser.hpp"

#include <toolkit/base/text.hpp>

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/core.h>

namespace toolkit::net {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kBodyLimit = 1 << 20;
constexpr std::uint32_t kHeaderLimit = 64 << 10;

// A body that keeps its first 1 MiB. Beast's own string body would set aside at once as many bytes
// as a Content-Length promises.
struct FirstBytes {
  using value_type = std::string;
  struct reader {
    template <bool IsRequest, typename Fields>
    reader(http::header<IsRequest, Fields>& /*header*/, std::string& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>& /*length*/, error_code& error) { error = {}; }
    template <typename Buffers>
    std::size_t put(const Buffers& buffers, error_code& error) {
      std::size_t taken = 0;
      for (const boost::asio::const_buffer piece : boost::beast::buffers_range_ref(buffers)) {
        const std::size_t room = std::min(piece.size(), kBodyLimit - body_.size());
        body_.append(static_cast<const char*>(piece.data()), room);
        taken += room;
      }
      error = taken < boost::beast::buffer_bytes(buffers) ? error_code(http::error::body_limit)
                                                          : error_code();
      return taken;
    }
    void finish(error_code& error) { error = {}; }

   private:
    std::string& body_;
  };
};

using Parser = http::response_parser<FirstBytes>;

Trouble trouble_of(const error_code& error, bool got_some) {
  if (error == http::error::partial_message || error == http::error::end_of_stream) {
    return {Cause::closed,
            got_some ? "closed in the middle of an answer" : "closed without an answer"};
  }
  return {Cause::protocol, fmt::format("the answer is not HTTP/1: {}", error.message())};
}

class BeastParser : public HttpParser {
 public:
  BeastParser(bool head, bool wants_body) : head_(head), wants_body_(wants_body) { renew(); }

  std::optional<HttpExchange::Answer> take(std::string& bytes, bool ended) override try {
    while (true) {
      error_code error;
      const std::size_t used = parser_->put(boost::asio::buffer(bytes), error);
      bytes.erase(0, used);
      if (is_interim()) {
        renew();
      } else if (error == http::error::body_limit) {
        return response(true);
      } else if (error && error != http::error::need_more) {
        return tl::unexpected(trouble_of(error, true));
      } else if (parser_->is_done() || (has_header() && !wants_body_)) {
        return response(false);
      } else if (used == 0 || bytes.empty()) {
        return ended ? at_the_end() : std::nullopt;
      }
    }
  } catch (const std::exception& error) {  // no memory: all else comes as an error code
    return tl::unexpected(Trouble{Cause::other, error.what()});
  }

  [[nodiscard]] bool has_header() const override { return parser_->is_header_done(); }

 private:
  void renew() {
    parser_.emplace();
    parser_->eager(true);
    parser_->skip(head_);
    parser_->body_limit(boost::none);
    parser_->header_limit(kHeaderLimit);
  }

  // 1xx: the answer itself is still to come (RFC 9110, 15.2).
  [[nodiscard]] bool is_interim() const {
    return parser_->is_done() && parser_->get().result_int() < 200;
  }

  // A body without a length ends with the connection (RFC 9112, 6.3).
  std::optional<HttpExchange::Answer> at_the_end() {
    if (!parser_->got_some()) {
      return tl::unexpected(trouble_of(http::error::end_of_stream, false));
    }
    error_code error;
    parser_->put_eof(error);
    if (error || !parser_->is_done()) {
      return tl::unexpected(trouble_of(error ? error : http::error::partial_message, true));
    }
    return response(false);
  }

  HttpResponse response(bool cut) {
    HttpResponse made;
    made.status = parser_->get().result_int();
    for (const auto& field : parser_->get()) {
      made.fields.emplace_back(field.name_string(), field.value());
    }
    made.body = std::move(parser_->get().body());
    made.body_cut = cut;
    return made;
  }

  bool head_, wants_body_;
  std::optional<Parser> parser_;
};

}  // namespace

std::unique_ptr<HttpParser> HttpParser::make(bool head, bool wants_body) {
  return std::make_unique<BeastParser>(head, wants_body);
}

}  // namespace toolkit::net
