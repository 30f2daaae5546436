// Beast (Boost 1.81) asserts that five bytes of a last chunk have come where four may have, and
// would end us for a server that sends "0\r\n" and "\r" apart. Without the assertion all is well.
#define BOOST_DISABLE_ASSERTS

#include "http_parser.hpp"

#include <toolkit/base/text.hpp>

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/core.h>

#include <functional>

namespace toolkit::net {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::uint32_t kHeaderLimit = 64 << 10;

// A body whose first bytes are kept, or that goes to a sink as it comes. Beast's own string body
// would set aside at once as many bytes as a Content-Length promises.
struct Receiver {
  struct value_type {
    const HttpParserOptions* options = nullptr;
    std::string kept;
    std::optional<Error> sink_error;
  };
  struct reader {
    template <bool IsRequest, typename Fields>
    // It is made with the parser, long before the answer has a status.
    reader(http::header<IsRequest, Fields>& header, value_type& body)
        : body_(body), status_([&header] { return header.result_int(); }) {}
    void init(const boost::optional<std::uint64_t>& /*length*/, error_code& error) {
      sinks_ = body_.options->sink && status_() / 100 == 2;
      error = {};
    }
    template <typename Buffers>
    std::size_t put(const Buffers& buffers, error_code& error) {
      error = {};
      std::size_t taken = 0;
      for (const boost::asio::const_buffer piece : boost::beast::buffers_range_ref(buffers)) {
        taken += take({static_cast<const char*>(piece.data()), piece.size()}, error);
      }
      return taken;
    }
    void finish(error_code& error) { error = {}; }

   private:
    std::size_t take(std::string_view piece, error_code& error) {
      if (sinks_) {
        if (auto taken = body_.options->sink(piece); !taken) {
          body_.sink_error = std::move(taken).error();
          error = make_error_code(boost::system::errc::operation_canceled);
        }
        return piece.size();
      }
      const std::size_t room =
          std::min(piece.size(), body_.options->body_limit - body_.kept.size());
      body_.kept.append(piece.data(), room);
      if (room < piece.size()) {
        error = http::error::body_limit;
      }
      return room;
    }

    value_type& body_;
    std::function<unsigned()> status_;
    bool sinks_ = false;
  };
};

using Parser = http::response_parser<Receiver>;

Trouble trouble_of(const error_code& error, bool got_some) {
  if (error == http::error::partial_message || error == http::error::end_of_stream) {
    return {Cause::closed,
            got_some ? "closed in the middle of an answer" : "closed without an answer"};
  }
  return {Cause::protocol, fmt::format("the answer is not HTTP/1: {}", error.message())};
}

class BeastParser : public HttpParser {
 public:
  explicit BeastParser(HttpParserOptions options) : options_(std::move(options)) { renew(); }

  std::optional<HttpExchange::Answer> take(std::string& bytes, bool ended) override try {
    while (true) {
      error_code error = http::error::need_more;  // of nothing; Beast would add to a null pointer
      const std::size_t used = bytes.empty() ? 0 : parser_->put(boost::asio::buffer(bytes), error);
      bytes.erase(0, used);
      if (has_header() && parser_->get().result_int() < 100) {
        return tl::unexpected(Trouble{Cause::protocol, "the answer is not HTTP/1: bad status"});
      }
      if (is_interim()) {
        had_interim_ = true;
        renew();
      } else if (has_header() && !options_.wants_body) {  // whatever came behind it
        return response(false);
      } else if (error == http::error::body_limit) {
        return response(true);
      } else if (error && error != http::error::need_more) {
        return tl::unexpected(trouble_of(error, true));
      } else if (parser_->is_done()) {
        return response(false);
      } else if (used == 0 || bytes.empty()) {
        return ended ? at_the_end() : std::nullopt;
      }
    }
  } catch (const std::exception& error) {  // no memory: all else comes as an error code
    return tl::unexpected(Trouble{Cause::other, error.what()});
  }

  [[nodiscard]] bool has_header() const override { return parser_->is_header_done(); }
  [[nodiscard]] bool had_interim() const override { return had_interim_; }
  [[nodiscard]] bool keeps_alive() const override {
    return parser_->is_done() && parser_->keep_alive();
  }
  [[nodiscard]] const std::optional<Error>& sink_error() const override {
    return parser_->get().body().sink_error;
  }

 private:
  void renew() {
    parser_.emplace();
    parser_->get().body().options = &options_;
    parser_->eager(true);
    parser_->skip(options_.head);
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
    made.body = std::move(parser_->get().body().kept);
    made.body_cut = cut;
    return made;
  }

  HttpParserOptions options_;
  bool had_interim_ = false;
  std::optional<Parser> parser_;
};

}  // namespace

std::unique_ptr<HttpParser> HttpParser::make(HttpParserOptions options) {
  return std::make_unique<BeastParser>(std::move(options));
}

std::unique_ptr<HttpParser> HttpParser::make(bool head, bool wants_body) {
  HttpParserOptions options;
  options.head = head;
  options.wants_body = wants_body;
  return make(std::move(options));
}

}  // namespace toolkit::net
