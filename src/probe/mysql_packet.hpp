#pragma once
// The packets of the MySQL protocol that a login meets, as data.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::probe {

/// A payload with its header: 3 bytes of length, least first, and a sequence number.
[[nodiscard]] std::string mysql_packet(std::uint8_t sequence, std::string_view payload);

/// Protocol::HandshakeV10, as far as a login needs it.
struct MysqlGreeting {
  std::uint32_t capabilities = 0;
  std::string nonce;   // 20 bytes; 8 of servers before 4.1
  std::string plugin;  // "mysql_native_password"; empty before 5.5
};
[[nodiscard]] std::optional<MysqlGreeting> parse_mysql_greeting(std::string_view payload);

/// ERR_Packet, with or without the SQL state, which a server does not send before it knows us.
struct MysqlError {
  unsigned code = 0;
  std::string words;
};
[[nodiscard]] std::optional<MysqlError> parse_mysql_error(std::string_view payload);

/// Protocol::HandshakeResponse41.
struct MysqlLogin {
  std::string user, database;  // an empty database is not asked for
  std::string plugin, proof;
};
[[nodiscard]] std::string mysql_login(const MysqlLogin& login, const MysqlGreeting& greeting);

/// What a plugin wants instead of the password; nothing for a plugin that is not known here.
/// mysql_native_password and caching_sha2_password (its fast half, which needs no TLS).
[[nodiscard]] std::optional<std::string> mysql_proof(std::string_view plugin,
                                                     std::string_view password,
                                                     std::string_view nonce);

/// Up to the next zero, or all there is; taken away from `bytes` with that zero.
[[nodiscard]] std::string_view take_mysql_text(std::string_view& bytes);

}  // namespace toolkit::probe
