#include "rendezvous_target.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

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

}  // namespace

tl::expected<RendezvousTarget, condition::Mistake> parse_rendezvous_target(
    const condition::Leaf& leaf, bool any_host) {
  if (auto wrong = unknown_parameter(leaf, {"workers"})) {
    return tl::unexpected(std::move(*wrong));
  }
  const std::string& text = leaf.target.text;
  const std::size_t query = std::min(text.find('?'), text.size());
  const std::size_t begin = text.starts_with("//") ? 2 : 0;
  const condition::Piece place = part_of(leaf.target, begin, query - begin);
  RendezvousTarget target;
  const auto endpoint = net::parse_endpoint(
      any_host && place.text.starts_with(':') ? "localhost" + place.text : place.text);
  if (begin == 0 || !endpoint) {
    return mistake(
        leaf, leaf.target,
        fmt::format("{}: '{}' is not //HOST:PORT", leaf.scheme.text, printable(text)),
        fmt::format("as in {}://{}:29500?workers=8", leaf.scheme.text, any_host ? "" : "node-0"));
  }
  target.endpoint = *endpoint;
  if (any_host && place.text.starts_with(':')) {
    target.endpoint.host.clear();
  }
  if (query < text.size()) {
    constexpr std::string_view kKey = "?workers=";
    const condition::Piece rest = part_of(leaf.target, query, text.size());
    if (!rest.text.starts_with(kKey)) {
      return mistake(leaf, rest,
                     fmt::format("{}: has no '{}'", leaf.scheme.text, printable(rest.text)),
                     "it knows ?workers=N");
    }
    const auto workers =
        parse_workers(leaf, part_of(leaf.target, query + kKey.size(), text.size()));
    if (!workers) {
      return tl::unexpected(workers.error());
    }
    target.workers = *workers;
  }
  if (const condition::Parameter* parameter = leaf.find("workers")) {
    if (parameter->op != "=" && parameter->op != ">=") {
      return mistake(leaf, parameter->key, "workers: only = or >= N can be waited for",
                     "as in workers=8");
    }
    const auto workers = parse_workers(leaf, parameter->value);
    if (!workers) {
      return tl::unexpected(workers.error());
    }
    target.workers = *workers;
  }
  return target;
}

Finding not_reached(const net::Trouble& trouble) {
  Finding finding;
  finding.words = trouble.words;
  switch (trouble.cause) {
    case net::Cause::name:
      finding.reason = Reason::name;
      break;
    case net::Cause::refused:
      finding.reason = Reason::refused;
      break;
    case net::Cause::timed_out:
      finding.reason = Reason::timed_out;
      break;
    case net::Cause::closed:
      finding.reason = Reason::protocol;
      break;
    default:
      finding.reason = Reason::unreachable;
  }
  return finding;
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
