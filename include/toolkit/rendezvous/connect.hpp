#pragma once
// How a client of a store reaches it; tests put scripted peers in its place.

#include <toolkit/net/endpoint.hpp>
#include <toolkit/net/stream.hpp>

#include <functional>
#include <memory>

namespace toolkit::rendezvous {

using Connect = std::function<std::unique_ptr<net::Stream>(net::Endpoint)>;

}  // namespace toolkit::rendezvous
