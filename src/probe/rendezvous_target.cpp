#include "rendezvous_target.hpp"

#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <optional>

namespace toolkit::probe {
namespace {

// As many as a 32-bit world size of torch can say.
constexpr long long kMostWorkers = 2'147'483'647;

// A piece of the target, for the caret: exact as long as nothing in it was quoted.
condition::Piece part_of(const condition::Piece& target, std::size_t from, std::size_t count) {
  count = std::min(count, target.text.size() - from);
  if (target.length != target.text.size()) {
    return {target.text.substr(from, count), target.offset, target.length};
  }
  return {target.text.substr(from, count), target.offset + from, count};
}

tl::expected<std::int64_t, condition::Mistake> parse_workers(const condition::Leaf& leaf,
                                                             const condition::Piece& value) {
  const auto number = parse_whole(value.text);
  if (!number || *number < 1 || *number > kMostWorkers) {
    return mistake(
        leaf, value,
        fmt::format("{}: '{}' is not a number of workers", leaf.scheme.text, printable(value.text)),
        "a whole number from 1: workers=8");
  }
  return *number;
}

// HOST:PORT between // and ?, or :PORT alone.
std::optional<net::Endpoint> parse_place(std::string_view text, bool any_host) {
  const bool anywhere = any_host && text.starts_with(':');
  auto endpoint = net::parse_endpoint(anywhere ? "localhost" + std::string(text) : text);
  if (!endpoint) {
    return std::nullopt;
  }
  if (anywhere) {
    endpoint->host.clear();
  }
  return std::move(*endpoint);
}

tl::expected<std::int64_t, condition::Mistake> parse_query(const condition::Leaf& leaf,
                                                           std::size_t query) {
  constexpr std::string_view kKey = "?workers=";
  const condition::Piece rest = part_of(leaf.target, query, leaf.target.text.size());
  if (!rest.text.starts_with(kKey)) {
    return mistake(leaf, rest,
                   fmt::format("{}: has no '{}'", leaf.scheme.text, printable(rest.text)),
                   "it knows ?workers=N");
  }
  return parse_workers(leaf, part_of(leaf.target, query + kKey.size(), leaf.target.text.size()));
}

tl::expected<std::int64_t, condition::Mistake> parse_parameter(
    const condition::Leaf& leaf, const condition::Parameter& parameter) {
  if (parameter.op != "=" && parameter.op != ">=") {
    return mistake(leaf, parameter.key, "workers: only = or >= N can be waited for",
                   "as in workers=8");
  }
  return parse_workers(leaf, parameter.value);
}

// 0 when it is not said.
tl::expected<std::int64_t, condition::Mistake> find_workers(const condition::Leaf& leaf,
                                                            std::size_t query) {
  if (const condition::Parameter* parameter = leaf.find("workers")) {
    return parse_parameter(leaf, *parameter);
  }
  return query < leaf.target.text.size() ? parse_query(leaf, query) : 0;
}

}  // namespace

tl::expected<RendezvousTarget, condition::Mistake> parse_rendezvous_target(
    const condition::Leaf& leaf, bool any_host) {
  if (auto wrong = unknown_parameter(leaf, {"workers"})) {
    return tl::unexpected(std::move(*wrong));
  }
  const std::string_view text = leaf.target.text;
  const std::size_t query = std::min(text.find('?'), text.size());
  const auto endpoint =
      text.starts_with("//") ? parse_place(text.substr(2, query - 2), any_host) : std::nullopt;
  if (!endpoint) {
    return mistake(
        leaf, leaf.target,
        fmt::format("{}: '{}' is not //HOST:PORT", leaf.scheme.text,
                    printable(mask_secrets(fmt::format(":{}", text)).substr(1))),
        fmt::format("as in {}://{}:29500?workers=8", leaf.scheme.text, any_host ? "" : "node-0"));
  }
  const auto workers = find_workers(leaf, query);
  if (!workers) {
    return tl::unexpected(workers.error());
  }
  return RendezvousTarget{.endpoint = *endpoint, .workers = *workers};
}

Finding not_a_store() {
  return {.reason = Reason::protocol,
          .words = "answers, and not as a PyTorch TCPStore",
          .exit_code = {}};
}

Finding no_answer(bool connected) {
  return {.reason = Reason::timed_out,
          .words = connected ? "connected, and no answer as of a PyTorch TCPStore"
                             : "no connection in time",
          .exit_code = {}};
}

}  // namespace toolkit::probe
