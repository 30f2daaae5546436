#pragma once
// What --probe asks over the network: name servers, and the node of rank 0.

#include <toolkit/advice/rules.hpp>
#include <toolkit/net/endpoint.hpp>

#include <optional>
#include <string>
#include <vector>

namespace toolkit::commands {

/// Nothing when no name server has answered; empty when they know no such name.
[[nodiscard]] std::optional<std::vector<std::string>> resolve(const std::string& host);

/// Connects and closes, which a store bears. Nothing when it cannot be told, as for a name that
/// nobody knows.
[[nodiscard]] std::optional<advice::Reached> reach(const net::Endpoint& master);

}  // namespace toolkit::commands
