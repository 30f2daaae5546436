#include "env_probe.hpp"

#include <toolkit/base/start_up.hpp>
#include <toolkit/net/resolver.hpp>
#include <toolkit/net/stream.hpp>

#include <poll.h>

#include <algorithm>

namespace toolkit::commands {
namespace {

constexpr Milliseconds kLookupLimit{6'000};
constexpr Milliseconds kConnectLimit{2'000};

// False when `done` has not come true within the limit.
template <typename Watched, typename Done>
bool drive(Watched& watched, Milliseconds limit, Done done) {
  const SteadyTime end = std::chrono::steady_clock::now() + limit;
  std::vector<pollfd> entries;
  while (!done()) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now >= end) {
      return false;
    }
    entries.clear();
    watched.collect(entries);
    const auto left =
        std::chrono::ceil<Milliseconds>(std::min(end, watched.next_deadline()) - now).count();
    ::poll(entries.data(), entries.size(),
           static_cast<int>(std::clamp<Milliseconds::rep>(left, 0, limit.count())));
    watched.advance(entries, std::chrono::steady_clock::now());
  }
  return true;
}

// "192.0.2.1" of "192.0.2.1:0" and of "[2001:db8::1]:0".
std::string without_port(std::string text) {
  text.resize(text.rfind(':'));
  return text.starts_with('[') ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::optional<std::vector<std::string>> resolve(const std::string& host) {
  pin_name_lookup();
  const auto lookup = net::Lookup::of({.host = host, .port = 1}, net::Record::all);
  if (!drive(*lookup, kLookupLimit, [&] { return lookup->result().has_value(); })) {
    return std::nullopt;
  }
  const net::Lookup::Answer& answer = *lookup->result();
  if (!answer && answer.error().cause == net::Cause::timed_out) {
    return std::nullopt;
  }
  std::vector<std::string> addresses;
  for (const net::Address& address : answer.value_or(std::vector<net::Address>())) {
    addresses.push_back(without_port(address.text()));
  }
  return addresses;
}

std::optional<advice::Reached> reach(const net::Endpoint& master) {
  using State = net::Stream::State;
  const auto stream = net::Stream::to(master);
  const bool ended = drive(*stream, kConnectLimit, [&] {
    return stream->state() == State::open || stream->state() == State::failed;
  });
  if (stream->state() == State::open) {
    return advice::Reached::open;
  }
  if (!ended) {
    return stream->state() == State::resolving ? std::nullopt
                                               : std::optional(advice::Reached::silent);
  }
  switch (stream->trouble().cause) {
    case net::Cause::refused:
    case net::Cause::closed:
      return advice::Reached::refused;
    case net::Cause::unreachable:
    case net::Cause::timed_out:
      return advice::Reached::silent;
    default:
      return std::nullopt;
  }
}

}  // namespace toolkit::commands
