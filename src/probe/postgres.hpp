#pragma once
// PostgreSQL, and what speaks its protocol (PgBouncer): frontend/backend protocol 3.0,
// https://www.postgresql.org/docs/current/protocol.html, from the StartupMessage until
// ReadyForQuery. Without TLS.
//
// What is asked depends on what is given. Without a USER, and for a USER without a password and
// without a database: whether the server takes connections, which is so as soon as it asks for a
// password or refuses somebody, as pg_isready(1) has it. Else: whether this login works, and for
// this database (as in libpq the user's name when none is given).

#include "handshake.hpp"
#include "server_address.hpp"

namespace toolkit::probe {

[[nodiscard]] std::unique_ptr<Dialogue> make_postgres_dialogue(const ServerAddress& address);

}  // namespace toolkit::probe
