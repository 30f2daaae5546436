#pragma once
// What store:, join: and barrier: have in common: //HOST:PORT and a number of workers, as
// ?workers=N in the target or as a parameter.

#include "schemes.hpp"

#include <toolkit/net/endpoint.hpp>

namespace toolkit::probe {

struct RendezvousTarget {
  net::Endpoint endpoint;
  std::int64_t workers = 0;  // 0: not said
};

/// `any_host` allows //:PORT.
[[nodiscard]] tl::expected<RendezvousTarget, condition::Mistake> parse_rendezvous_target(
    const condition::Leaf& leaf, bool any_host = false);

[[nodiscard]] Finding not_a_store();
/// There is no answer; `connected`: but a listener.
[[nodiscard]] Finding no_answer(bool connected);

}  // namespace toolkit::probe
