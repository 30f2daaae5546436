#pragma once
// MySQL and MariaDB: the connection phase of the client/server protocol, handshake version 10,
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html and
// https://mariadb.com/kb/en/connection/. Without TLS.
//
// The handshake is always gone through to its end: a client that leaves after the greeting counts
// as an interrupted one, and max_connect_errors of those block our whole host (ERR 1129). So that
// without a USER nobody's login is tried, the anonymous user's, and its refusal is an answer.

#include "handshake.hpp"
#include "server_address.hpp"

namespace toolkit::probe {

[[nodiscard]] std::unique_ptr<Dialogue> make_mysql_dialogue(const ServerAddress& address);

}  // namespace toolkit::probe
