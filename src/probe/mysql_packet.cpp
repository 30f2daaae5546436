#include "mysql_packet.hpp"

#include "handshake.hpp"

#include <toolkit/net/digest.hpp>

#include <algorithm>

namespace toolkit::probe {
namespace {

// https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html
enum : std::uint32_t {
  kLongPassword = 1,
  kConnectWithDatabase = 8,
  kProtocol41 = 0x200,
  kTransactions = 0x2000,
  kSecureConnection = 0x8000,
  kPluginAuth = 0x80000,
};
constexpr char kUtf8 = 33;  // utf8_general_ci, which every version knows
constexpr std::uint32_t kMostBytes = 1 << 20;

std::string little_endian(std::uint32_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i, value >>= 8) {
    bytes += static_cast<char>(value & 0xff);
  }
  return bytes;
}

std::uint32_t number_of(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

// The first bytes, taken away; fewer where there are not so many.
std::string_view take(std::string_view& bytes, std::size_t count) {
  const std::string_view taken = bytes.substr(0, count);
  bytes.remove_prefix(taken.size());
  return taken;
}

std::string exclusive_or(std::string left, std::string_view right) {
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    left[i] = static_cast<char>(left[i] ^ right[i]);
  }
  return left;
}

}  // namespace

std::string mysql_packet(std::uint8_t sequence, std::string_view payload) {
  return little_endian(static_cast<std::uint32_t>(payload.size()), 3) +
         static_cast<char>(sequence) + std::string(payload);
}

std::optional<MysqlGreeting> parse_mysql_greeting(std::string_view payload) {
  if (take(payload, 1) != "\x0a" || payload.find('\0') == std::string_view::npos) {
    return std::nullopt;
  }
  (void)take_mysql_text(payload);  // the server's version
  MysqlGreeting greeting;
  (void)take(payload, 4);  // the connection's number
  greeting.nonce = take(payload, 8);
  (void)take(payload, 1);  // filler
  const std::string_view low = take(payload, 2);
  if (low.size() < 2) {
    return std::nullopt;
  }
  (void)take(payload, 3);  // character set, status
  const std::string_view high = take(payload, 2);
  greeting.capabilities = number_of(low) | number_of(high) << 16;
  const std::uint32_t nonce_size = number_of(take(payload, 1));
  (void)take(payload, 10);  // reserved
  if ((greeting.capabilities & kSecureConnection) != 0) {
    // The rest of the nonce and a zero: max(13, size - 8) bytes.
    greeting.nonce += take(payload, nonce_size > 21 ? nonce_size - 8 : 13);
    greeting.nonce.resize(std::min<std::size_t>(greeting.nonce.size(), 20));
  }
  greeting.plugin = take_mysql_text(payload);
  return greeting;
}

std::optional<MysqlError> parse_mysql_error(std::string_view payload) {
  if (take(payload, 1) != "\xff" || payload.size() < 2) {
    return std::nullopt;
  }
  MysqlError error;
  error.code = number_of(take(payload, 2));
  if (payload.starts_with('#')) {
    (void)take(payload, 6);
  }
  error.words = server_words(payload);
  return error;
}

std::string mysql_login(const MysqlLogin& login, const MysqlGreeting& greeting) {
  std::uint32_t capabilities = kLongPassword | kProtocol41 | kTransactions | kSecureConnection;
  capabilities |= greeting.capabilities & kPluginAuth;
  if (!login.database.empty()) {
    capabilities |= kConnectWithDatabase;
  }
  std::string payload = little_endian(capabilities, 4) + little_endian(kMostBytes, 4) + kUtf8 +
                        std::string(23, '\0') + login.user + '\0';
  payload += static_cast<char>(login.proof.size());  // at most 32
  payload += login.proof;
  if (!login.database.empty()) {
    payload += login.database + '\0';
  }
  if ((capabilities & kPluginAuth) != 0) {
    payload += login.plugin + '\0';
  }
  return payload;
}

std::optional<std::string> mysql_proof(std::string_view plugin, std::string_view password,
                                       std::string_view nonce) {
  if (plugin == "mysql_native_password") {
    // SHA1(password) XOR SHA1(nonce + SHA1(SHA1(password)))
    const std::string once = net::sha1(password);
    return password.empty() ? std::string()
                            : exclusive_or(once, net::sha1(std::string(nonce) + net::sha1(once)));
  }
  if (plugin == "caching_sha2_password") {
    // SHA256(password) XOR SHA256(SHA256(SHA256(password)) + nonce)
    const std::string once = net::sha256(password);
    return password.empty()
               ? std::string(1, '\0')
               : exclusive_or(once, net::sha256(net::sha256(once) + std::string(nonce)));
  }
  return std::nullopt;
}

std::string_view take_mysql_text(std::string_view& bytes) {
  const std::string_view text = bytes.substr(0, bytes.find('\0'));
  bytes.remove_prefix(std::min(text.size() + 1, bytes.size()));
  return text;
}

}  // namespace toolkit::probe
