#pragma once
// Redis and what speaks its protocol (Valkey, KeyDB): RESP2, https://redis.io/docs/latest/develop/
// reference/protocol-spec/. AUTH and SELECT where they are asked for, and PING.

#include "handshake.hpp"
#include "server_address.hpp"

namespace toolkit::probe {

/// The address's name is a database number or empty.
[[nodiscard]] std::unique_ptr<Dialogue> make_redis_dialogue(const ServerAddress& address);

}  // namespace toolkit::probe
