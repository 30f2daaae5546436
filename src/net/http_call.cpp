#include "http_call.hpp"

#include "http_parser.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::net {
namespace {

constexpr std::chrono::seconds kContinueWait{1};

std::uint64_t body_size_of(const ClientRequest& request) {
  return request.body ? request.body_size : request.bytes.size();
}

HttpParserOptions parser_options(const ClientRequest& request) {
  HttpParserOptions options;
  options.head = request.method == "HEAD";
  options.body_limit = request.body_limit;
  options.sink = request.sink;
  return options;
}

class Call {
 public:
  Call(BlockingConnection& connection, const ClientRequest& request)
      : connection_(connection),
        request_(request),
        parser_(HttpParser::make(parser_options(request))) {}

  CallEnd run(const std::string& head) {
    if (send(head)) {
      while (!answer_ && !error_) {
        read({});
      }
    }
    if (error_) {
      return {tl::unexpected(std::move(*error_)), false, gone_ && !heard_};
    }
    const bool reusable = sent_all_ && parser_->keeps_alive() && !answer_->body_cut;
    return {std::move(*answer_), reusable, false};
  }

 private:
  // False when there is nothing more to wait for.
  bool send(const std::string& head) {
    std::string_view unsent = head;
    if (request_.expect_continue && body_size_of(request_) > 0) {
      if (!push(unsent, {}) || !may_continue()) {
        return !answer_ && !error_;
      }
      unsent = {};
    }
    const bool sent = request_.body ? send_pieces(unsent) : push(unsent, request_.bytes);
    sent_all_ = sent;
    return !answer_ && !error_;
  }

  bool send_pieces(std::string_view head) {
    for (std::uint64_t offset = 0; offset < request_.body_size;) {
      const auto piece = request_.body(offset);
      if (!piece) {
        error_ = piece.error();
        return false;
      }
      const auto wanted = static_cast<std::size_t>(
          std::min<std::uint64_t>(piece->size(), request_.body_size - offset));
      if (!push(head, piece->substr(0, wanted))) {
        return false;
      }
      head = {};
      offset += wanted;
    }
    return head.empty() || push(head, {});
  }

  // All of it; false when it failed, or when the answer has begun to come meanwhile, so that the
  // rest is of no use: a refusal.
  bool push(std::string_view head, std::string_view body) {
    while (!head.empty() || !body.empty()) {
      const auto written = connection_.write(head, body);
      if (!written) {
        fail_with(written.error());
        return false;
      }
      const std::size_t of_head = std::min(*written, head.size());
      head.remove_prefix(of_head);
      body.remove_prefix(*written - of_head);
      if (!connection_.inbox().empty()) {
        parse(false);
      }
      if (answer_ || error_ || parser_->has_header()) {
        return false;
      }
    }
    return true;
  }

  // Whether the body is wanted. Servers that do not know the question say nothing.
  bool may_continue() {
    const SteadyTime deadline = std::chrono::steady_clock::now() + kContinueWait;
    while (!answer_ && !error_ && !parser_->had_interim() && !parser_->has_header()) {
      if (!read(deadline)) {
        return true;
      }
    }
    return !answer_ && !error_ && !parser_->has_header();
  }

  // False when nothing came until the deadline.
  bool read(std::optional<SteadyTime> deadline) {
    const auto came = connection_.read(deadline);
    if (!came) {
      fail_with(came.error());
    } else if (*came != BlockingConnection::Came::nothing) {
      parse(*came == BlockingConnection::Came::end);
    }
    return !came || *came != BlockingConnection::Came::nothing;
  }

  void parse(bool ended) {
    heard_ = heard_ || !connection_.inbox().empty();
    auto answer = parser_->take(connection_.inbox(), ended);
    if (answer && *answer) {
      answer_ = std::move(**answer);
    } else if (parser_->sink_error()) {
      error_ = parser_->sink_error();
    } else if (answer) {
      fail_with({answer->error(), false});
    }
  }

  void fail_with(const Break& gone) {
    gone_ = gone.trouble.cause == Cause::closed;
    error_ = error_of(gone, to_text(request_.url.endpoint));
  }

  BlockingConnection& connection_;
  const ClientRequest& request_;
  std::unique_ptr<HttpParser> parser_;
  std::optional<HttpResponse> answer_;
  std::optional<Error> error_;
  bool sent_all_ = false, heard_ = false, gone_ = false;
};

bool has_line_break(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7F'; });
}

}  // namespace

CallEnd call(BlockingConnection& connection, const ClientRequest& request,
             const std::string& head) {
  return Call(connection, request).run(head);
}

Result<std::string> head_of(const ClientRequest& request, bool absolute,
                            const std::string& proxy_authorization) {
  const Url& url = request.url;
  std::string head =
      fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: toolkit/{}\r\n", request.method,
                  absolute ? "http://" + url.host : "", url.target, url.host, TOOLKIT_VERSION);
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  for (const auto& [name, value] : request.fields) {
    if (has_line_break(name) || has_line_break(value)) {
      return fail(ErrorKind::failed, "a line break or control character cannot be sent by HTTP");
    }
    add(name, value);
  }
  if (!proxy_authorization.empty()) {
    add("Proxy-Authorization", proxy_authorization);
  }
  const std::uint64_t size = body_size_of(request);
  if (size > 0 || request.method == "PUT" || request.method == "POST") {
    add("Content-Length", std::to_string(size));
  }
  if (size > 0 && request.expect_continue) {
    add("Expect", "100-continue");
  }
  return head + "\r\n";
}

Error error_of(const Break& gone, const std::string& peer) {
  Error error{ErrorKind::unavailable, fmt::format("{}: {}", peer, gone.trouble.words), {}, 0};
  if (gone.interrupted) {
    error.kind = ErrorKind::interrupted;
  } else if (gone.trouble.cause == Cause::tls) {
    error.kind = ErrorKind::failed;
    error.remedy = "name the file of its authority's certificates in SSL_CERT_FILE";
  } else if (gone.trouble.cause == Cause::protocol) {
    error.kind = ErrorKind::failed;
    error.remedy = "is it an HTTP server, and is http:// or https:// right?";
  }
  return error;
}

}  // namespace toolkit::net
