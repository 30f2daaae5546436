#pragma once
// What an HTTP answer must be like, by the parameters of a leaf:
//   status=200-299     numbers, ranges and classes (2xx), with commas; 2xx and 3xx without it
//   header~REGEX       in one of the lines "name: value"; header:NAME=VALUE, !=, ~ for one field
//   body~REGEX         in one of its lines
//   json:/POINTER=VALUE   RFC 6901; also != ~ < <= > >=, numbers as numbers
// All must hold. Pure: an answer in, a finding out.

#include "pattern.hpp"

#include <toolkit/net/http.hpp>
#include <toolkit/probe/probe.hpp>

namespace toolkit::probe {

/// A test of one value that may not be there.
struct Comparison {
  std::string op;                  // = != ~ < <= > >=
  std::string value;               // what was typed
  std::optional<Pattern> pattern;  // of ~
  [[nodiscard]] bool holds(const std::optional<std::string>& found) const;
};

struct HttpExpectation {
  struct Range {
    unsigned first, last;
  };
  struct Field {
    std::string name;  // empty: any line
    Comparison comparison;
  };
  struct JsonValue {
    std::string pointer;
    Comparison comparison;
  };
  std::vector<Range> statuses{{200, 399}};
  bool statuses_excluded = false;  // status!=
  std::vector<Field> fields;
  std::vector<Pattern> bodies;
  std::vector<JsonValue> json;

  [[nodiscard]] bool wants_body() const { return !bodies.empty() || !json.empty(); }
};

/// From those parameters that are expectations; others are left to the caller.
[[nodiscard]] tl::expected<HttpExpectation, condition::Mistake> http_expectation(
    const condition::Leaf& leaf);
/// Whether a parameter's key is one of an expectation: status, header, header:NAME, body, json:/…
[[nodiscard]] bool is_http_expectation(std::string_view key);

[[nodiscard]] Finding judge(const HttpExpectation& expectation, const net::HttpResponse& response);

}  // namespace toolkit::probe
