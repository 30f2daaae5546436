#include "http_parser.hpp"

#include <fmt/core.h>

namespace toolkit::net {
namespace {

std::string text_of(const HttpRequest& request) {
  return fmt::format(
      "{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: toolkit/{}\r\nAccept: */*\r\n"
      "Connection: close\r\n\r\n",
      request.method, request.url.target, request.url.host, TOOLKIT_VERSION);
}

class Exchange : public HttpExchange {
 public:
  explicit Exchange(const HttpRequest& request)
      : parser_(HttpParser::make(request.method == "HEAD", request.wants_body)),
        stream_(request.url.tls ? Stream::to_tls(request.url.endpoint, request.tls)
                                : Stream::to(request.url.endpoint)) {
    stream_->send(text_of(request));
    read();
  }

  void collect(std::vector<pollfd>& entries) const override {
    if (!result_) {
      stream_->collect(entries);
    }
  }
  [[nodiscard]] SteadyTime next_deadline() const override {
    return result_ ? SteadyTime::max() : stream_->next_deadline();
  }
  void advance(std::span<const pollfd> entries, SteadyTime now) override {
    if (!result_) {
      stream_->advance(entries, now);
      read();
    }
  }
  [[nodiscard]] const std::optional<Answer>& result() const override { return result_; }
  [[nodiscard]] std::string progress() const override {
    if (!stream_) {
      return {};
    }
    return std::string(parser_->has_header() ? "the body does not end"
                                             : silence_words(stream_->state()));
  }

 private:
  void read() {
    const bool failed = stream_->state() == Stream::State::failed;
    if (failed && stream_->trouble().cause != Cause::closed) {
      result_ = tl::unexpected(stream_->trouble());
    } else if (!stream_->inbox().empty() || failed) {
      result_ = parser_->take(stream_->inbox(), failed);
    }
    if (result_) {
      stream_.reset();
    }
  }

  std::unique_ptr<HttpParser> parser_;
  std::unique_ptr<Stream> stream_;
  std::optional<Answer> result_;
};

}  // namespace

std::unique_ptr<HttpExchange> HttpExchange::start(HttpRequest request) {
  return std::make_unique<Exchange>(request);
}

}  // namespace toolkit::net
