#include "mysql.hpp"

#include "mysql_packet.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <initializer_list>

namespace toolkit::probe {
namespace {

constexpr std::size_t kLongest = 4096;  // payload of what comes before the first query
constexpr std::string_view kNoDialect = "the answer is not MySQL's";
constexpr std::string_view kNative = "mysql_native_password";
constexpr char kPing = 0x0e, kQuit = 0x01;  // COM_PING, COM_QUIT

bool is_one_of(unsigned code, std::initializer_list<unsigned> codes) {
  return std::ranges::find(codes, code) != codes.end();
}

// https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html and
// https://mariadb.com/kb/en/mariadb-error-code-reference/
Answer judge_error(const MysqlError& error, bool only_whether_it_answers) {
  const std::string words = fmt::format("{} (error {})", error.words, error.code);
  // Host blocked after too many errors, host not allowed: nobody from here will get in.
  if (is_one_of(error.code, {1129, 1130})) {
    return refused_for_good(Reason::auth, words);
  }
  // Too many connections (of all, of the user), limits by the hour, shutting down.
  if (is_one_of(error.code, {1040, 1203, 1226, 1053, 1927})) {
    return unmet(Reason::not_yet, words);
  }
  // Access denied (to the server, to the database, without a password), account locked in MySQL
  // and in MariaDB, expired password, TLS required.
  const bool login = is_one_of(error.code, {1045, 1044, 1698, 3118, 4151, 1862, 3159});
  const bool database = error.code == 1049;
  if (login && only_whether_it_answers) {
    return met("takes connections", false);
  }
  if (login || database) {
    return refused_for_good(login ? Reason::auth : Reason::status, words);
  }
  return unmet(Reason::status, words);
}

class MysqlDialogue : public Dialogue {
 public:
  explicit MysqlDialogue(const ServerAddress& address)
      : user_(address.user.value_or("")),
        password_(address.password.value_or("")),
        database_(address.name),
        only_whether_it_answers_(!address.user) {}

  // The server speaks first.
  std::string ask() override {
    return logged_in_ ? mysql_packet(0, std::string(1, kPing)) : std::string();
  }

  std::optional<Answer> read(std::string& inbox, std::string& outbox) override {
    while (inbox.size() >= 4) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(inbox[i]); };
      const std::size_t length = byte(0) | byte(1) << 8 | byte(2) << 16;
      if (length == 0 || length > kLongest) {
        return unmet(Reason::protocol, std::string(kNoDialect));
      }
      if (inbox.size() < 4 + length) {
        return std::nullopt;
      }
      sequence_ = byte(3);
      const std::string payload = inbox.substr(4, length);
      inbox.erase(0, 4 + length);
      if (auto answer = judge(payload, outbox)) {
        return answer;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string farewell() const override {
    return logged_in_ ? mysql_packet(0, std::string(1, kQuit)) : std::string();
  }

 private:
  std::optional<Answer> judge(std::string_view payload, std::string& outbox) {
    if (const auto error = parse_mysql_error(payload)) {
      return judge_error(*error, only_whether_it_answers_);
    }
    if (!std::exchange(greeted_, true)) {
      return log_in(payload, outbox);
    }
    switch (payload[0]) {
      case '\x00':
        logged_in_ = true;
        return met("ready for queries", true);
      case '\xfe':
        return switch_plugin(payload.substr(1), outbox);
      case '\x01':
        return more_of_plugin(payload.substr(1));
      default:
        return unmet(Reason::protocol, std::string(kNoDialect));
    }
  }

  std::optional<Answer> log_in(std::string_view payload, std::string& outbox) {
    const auto greeting = parse_mysql_greeting(payload);
    if (!greeting) {
      return unmet(Reason::protocol, std::string(kNoDialect));
    }
    MysqlLogin login{user_, database_, greeting->plugin, {}};
    auto proof = mysql_proof(login.plugin, password_, greeting->nonce);
    if (!proof) {  // the server's default need not be the account's: it will say so
      login.plugin = kNative;
      proof = mysql_proof(kNative, password_, greeting->nonce);
    }
    login.proof = proof.value_or(std::string());
    say(mysql_login(login, *greeting), outbox);
    return std::nullopt;
  }

  // AuthSwitchRequest: a plugin's name, a zero, its nonce and a zero.
  std::optional<Answer> switch_plugin(std::string_view rest, std::string& outbox) {
    const std::string plugin(take_mysql_text(rest));
    const auto proof = mysql_proof(plugin, password_, rest.substr(0, 20));
    if (!proof) {
      return cannot_log_in(plugin);
    }
    say(*proof, outbox);
    return std::nullopt;
  }

  // AuthMoreData of caching_sha2_password: 3, the proof was right and OK follows; 4, the whole
  // password is wanted, which must not go over a line that is not encrypted.
  std::optional<Answer> more_of_plugin(std::string_view rest) {
    if (rest == "\x03") {
      return std::nullopt;
    }
    return rest == "\x04" ? cannot_log_in("caching_sha2_password for the first time")
                          : cannot_log_in("an unknown plugin");
  }

  [[nodiscard]] Answer cannot_log_in(std::string_view how) const {
    return only_whether_it_answers_
               ? met("takes connections", false)
               : unmet(Reason::unknown,
                       fmt::format("answers, and wants a login that is not possible without TLS or "
                                   "not known here: {}",
                                   printable(how.substr(0, 64))));
  }

  void say(std::string_view payload, std::string& outbox) const {
    outbox += mysql_packet(static_cast<std::uint8_t>(sequence_ + 1), payload);
  }

  std::string user_, password_, database_;
  bool only_whether_it_answers_;
  bool greeted_ = false, logged_in_ = false;
  std::uint8_t sequence_ = 0;
};

}  // namespace

std::unique_ptr<Dialogue> make_mysql_dialogue(const ServerAddress& address) {
  return std::make_unique<MysqlDialogue>(address);
}

Made make_mysql(const condition::Leaf& leaf, const Settings& /*settings*/) {
  auto address = parse_server_address(leaf, 3306);
  if (!address) {
    return tl::unexpected(std::move(address.error()));
  }
  if (!address->name.empty() && !address->user) {
    return mistake(leaf, leaf.target, "mysql: a database needs a user who may see it",
                   "mysql://USER:PASSWORD@HOST/NAME, or without /NAME whether the server answers");
  }
  return make_handshake(address->endpoint,
                        [address = *address] { return make_mysql_dialogue(address); });
}

}  // namespace toolkit::probe
