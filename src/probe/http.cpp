// http://… and https://… with expectations of the answer (http_expectation.hpp), and
//   method=GET|HEAD|OPTIONS   ca=FILE   verify=no
// Nothing that goes wrong is final: servers start, certificates are renewed, clocks are set.
#include "abandonable.hpp"
#include "http_expectation.hpp"
#include "path_first.hpp"
#include "schemes.hpp"
#include "transport.hpp"
#include "values.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::probe {
namespace {

// Patterns take at most 10,000 steps a byte (pattern.hpp): what is longer than this is judged where
// the loop of a wait does not stand still meanwhile.
constexpr std::size_t kJudgedAtOnce = 1 << 10;

class HttpProbe : public Probe {
 public:
  HttpProbe(net::HttpRequest request, HttpExpectation expectation)
      : request_(std::move(request)),
        expectation_(std::make_shared<const HttpExpectation>(std::move(expectation))) {}

  void begin(SteadyTime now, SteadyTime until) override {
    finding_.reset();
    judging_.reset();
    until_ = until;
    exchange_ = net::HttpExchange::start(request_);
    look(now);
  }
  void collect(std::vector<pollfd>& entries) const override {
    if (exchange_) {
      exchange_->collect(entries);
    } else if (judging_) {
      entries.push_back({judging_->fd(), POLLIN, 0});
    }
  }
  [[nodiscard]] SteadyTime next_deadline() const override {
    if (exchange_) {
      return std::min(until_, exchange_->next_deadline());
    }
    return judging_ ? until_ : SteadyTime::max();
  }
  void advance(std::span<const pollfd> entries, SteadyTime now) override {
    if (exchange_) {
      exchange_->advance(entries, now);
    }
    look(now);
  }
  [[nodiscard]] std::optional<Finding> take() override {
    return std::exchange(finding_, std::nullopt);
  }

 private:
  void look(SteadyTime now) {
    if (exchange_ && exchange_->result()) {
      take_answer(*exchange_->result());
    }
    if (judging_) {
      if (auto finding = judging_->take()) {
        finish(std::move(*finding));
      }
    }
    if (now >= until_ && (exchange_ || judging_)) {
      finish(silent(exchange_ ? exchange_->progress() : "the body takes too long to look through"));
    }
  }

  void take_answer(const net::HttpExchange::Answer& answer) {
    if (!answer) {
      finish(finding_of(answer.error()));
      return;
    }
    if (answer->body.size() > kJudgedAtOnce) {
      judging_ = std::make_unique<Errand<Finding>>();
      if (judging_->start([expectation = expectation_, response = *answer] {
            return judge(*expectation, response);
          })) {
        exchange_.reset();
        return;
      }
    }
    finish(judge(*expectation_, *answer));
  }

  void finish(Finding finding) {
    finding_ = std::move(finding);
    exchange_.reset();
    judging_.reset();
  }

  net::HttpRequest request_;
  std::shared_ptr<const HttpExpectation> expectation_;
  std::unique_ptr<net::HttpExchange> exchange_;
  std::unique_ptr<Errand<Finding>> judging_;
  SteadyTime until_{};
  std::optional<Finding> finding_;
};

using condition::Leaf;
using condition::Parameter;
using Wrong = std::optional<condition::Mistake>;

Wrong read_method(const Leaf& leaf, const Parameter& method, net::HttpRequest& request) {
  constexpr std::array<std::string_view, 3> kMethods{"GET", "HEAD", "OPTIONS"};
  request.method = to_upper(method.value.text);
  if (std::ranges::find(kMethods, request.method) == kMethods.end()) {
    return mistake(leaf, method.value, "method is GET, HEAD or OPTIONS",
                   "waiting asks many times, and must change nothing")
        .value();
  }
  if (request.method == "HEAD" && request.wants_body) {
    return mistake(leaf, method.value, "an answer to HEAD has no body that could be looked at")
        .value();
  }
  return wants_operator(leaf, method, "=");
}

Wrong read_verify(const Leaf& leaf, const Parameter& verify, net::HttpRequest& request) {
  const std::string& value = verify.value.text;
  if (value != "yes" && value != "no") {
    return mistake(leaf, verify.value, "verify is yes or no").value();
  }
  request.tls.insecure = value == "no";
  return wants_operator(leaf, verify, "=");
}

Wrong read_parameter(const Leaf& leaf, const Parameter& parameter, net::HttpRequest& request) {
  const std::string_view key = parameter.key.text;
  if ((key == "ca" || key == "verify") && !request.url.tls) {
    return mistake(leaf, parameter.key, fmt::format("'{}' is for https", key)).value();
  }
  if (key == "method") {
    return read_method(leaf, parameter, request);
  }
  if (key == "verify") {
    return read_verify(leaf, parameter, request);
  }
  request.tls.ca_file = parameter.value.text;
  return wants_operator(leaf, parameter, "=");
}

Wrong read_parameters(const Leaf& leaf, net::HttpRequest& request) {
  Leaf others = leaf;
  std::erase_if(others.parameters,
                [](const Parameter& parameter) { return is_http_expectation(parameter.key.text); });
  if (auto unknown = unknown_parameter(others, {"method", "ca", "verify"})) {
    unknown->remedy =
        "it knows status, header, header:NAME, body, json:/POINTER, method, ca, verify";
    return unknown;
  }
  for (const Parameter& parameter : others.parameters) {
    if (auto wrong = read_parameter(leaf, parameter, request)) {
      return wrong;
    }
  }
  return std::nullopt;
}

}  // namespace

Made make_http(const Leaf& leaf, const Settings& settings) {
  auto url = net::parse_url(leaf.scheme.text + ":" + leaf.target.text);
  if (!url) {
    return mistake(leaf, leaf.target, std::move(url.error().message),
                   std::move(url.error().remedy));
  }
  auto expectation = http_expectation(leaf);
  if (!expectation) {
    return tl::unexpected(std::move(expectation).error());
  }
  net::HttpRequest request{
      std::move(*url), "GET", expectation->wants_body(), {{}, settings.ca_file, settings.insecure}};
  if (auto wrong = read_parameters(leaf, request)) {
    return tl::unexpected(std::move(*wrong));
  }
  std::string authorities = request.url.tls ? request.tls.ca_file : "";
  return path_first(std::move(authorities),
                    std::make_unique<HttpProbe>(std::move(request), std::move(*expectation)));
}

}  // namespace toolkit::probe
