#pragma once
// The connection below the built-in ssh client: a TCP socket, or what a ProxyCommand gives.

#include "ssh_child.hpp"

#include <toolkit/base/duration.hpp>
#include <toolkit/net/endpoint.hpp>

#include <optional>

namespace toolkit::store {

/// A connected socket without blocking and without delay. Errors: unavailable, interrupted.
[[nodiscard]] Result<UniqueFd> connect_to(const net::Endpoint& endpoint, Milliseconds silence,
                                          int stop_fd);

/// Until `fd` is ready for `events`. Errors: unavailable after `silence`, interrupted by `stop_fd`.
[[nodiscard]] Result<void> wait_for(int fd, short events, const std::string& peer,
                                    Milliseconds silence, int stop_fd);

/// %h, %p, %r and %% of a ProxyCommand, ssh_config(5).
[[nodiscard]] std::string expand_proxy_command(const std::string& command, const std::string& host,
                                               std::uint16_t port, const std::string& user);

}  // namespace toolkit::store
