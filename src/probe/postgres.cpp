#include "postgres.hpp"

#include "big_endian.hpp"
#include "scram.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/net/digest.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::probe {
namespace {

constexpr std::uint32_t kProtocol = 3 << 16;   // 3.0
constexpr std::uint32_t kLongest = 32 * 1024;  // of a message before the first query; libpq: 30000
constexpr std::string_view kNobody = "postgres";  // who asks when no user is given
constexpr std::string_view kNoDialect = "the answer is not PostgreSQL's";
// AuthenticationRequest: https://www.postgresql.org/docs/current/protocol-message-formats.html
enum : std::uint32_t {
  kOk = 0,
  kCleartext = 3,
  kMd5 = 5,
  kSasl = 10,
  kSaslGoesOn = 11,
  kSaslEnd = 12
};

std::string zero_ended(std::string_view text) { return std::string(text) + '\0'; }

std::string message(char type, std::string_view body) {
  return type + to_big_endian(static_cast<std::uint32_t>(body.size() + 4)) + std::string(body);
}

// The text up to the next zero, which is taken away with it.
std::string_view take_text(std::string_view& bytes) {
  const std::string_view text = bytes.substr(0, bytes.find('\0'));
  bytes.remove_prefix(std::min(text.size() + 1, bytes.size()));
  return text;
}

struct ServerError {
  std::string code;  // SQLSTATE
  std::string words;
};

// ErrorResponse: fields, each a type byte and a text, and a zero at the end.
ServerError parse_error(std::string_view body) {
  ServerError error;
  while (!body.empty() && body[0] != '\0') {
    const char type = body[0];
    body.remove_prefix(1);
    const std::string_view text = take_text(body);
    if (type == 'C') {
      error.code = text;
    } else if (type == 'M') {
      error.words = server_words(text);
    }
  }
  return error;
}

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  return std::ranges::any_of(beginnings, [&](auto each) { return text.starts_with(each); });
}

class PostgresDialogue : public Dialogue {
 public:
  explicit PostgresDialogue(const ServerAddress& address)
      : user_(address.user.value_or(std::string(kNobody))),
        password_(address.password),
        database_(address.name),
        only_whether_it_answers_(!address.user || (!address.password && address.name.empty())) {}

  std::string ask() override {
    if (std::exchange(introduced_, true)) {
      return message('Q', zero_ended(""));  // EmptyQueryResponse, ReadyForQuery
    }
    std::string body = to_big_endian(kProtocol) + zero_ended("user") + zero_ended(user_);
    if (!database_.empty()) {
      body += zero_ended("database") + zero_ended(database_);
    }
    body += zero_ended("application_name") + zero_ended("toolkit wait") + '\0';
    return to_big_endian(static_cast<std::uint32_t>(body.size() + 4)) + body;
  }

  std::optional<Answer> read(std::string& inbox, std::string& outbox) override {
    while (!inbox.empty()) {
      // Before the first answer only these can come (libpq's PQconnectPoll asks the same).
      constexpr std::string_view kTypes = "RESKNZIAv";
      if (kTypes.find(inbox[0]) == std::string_view::npos) {
        return unmet(Reason::protocol, std::string(kNoDialect));
      }
      if (inbox.size() < 5) {
        return std::nullopt;
      }
      const std::uint32_t length = from_big_endian(std::string_view(inbox).substr(1));
      if (length < 4 || length > kLongest) {
        return unmet(Reason::protocol, std::string(kNoDialect));
      }
      if (inbox.size() < length + 1) {
        return std::nullopt;
      }
      const char type = inbox[0];
      const std::string body = inbox.substr(5, length - 4);
      inbox.erase(0, length + 1);
      if (auto answer = judge(type, body, outbox)) {
        return answer;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string farewell() const override { return message('X', ""); }

 private:
  std::optional<Answer> judge(char type, std::string_view body, std::string& outbox) {
    switch (type) {
      case 'R':
        return authenticate(body, outbox);
      case 'E':
        return judge_error(parse_error(body));
      case 'Z':
        return logged_in_ ? met("ready for queries", true)
                          : unmet(Reason::protocol, std::string(kNoDialect));
      default:
        return std::nullopt;  // parameters, keys, notices
    }
  }

  std::optional<Answer> authenticate(std::string_view body, std::string& outbox) {
    if (body.size() < 4) {
      return unmet(Reason::protocol, std::string(kNoDialect));
    }
    const std::uint32_t kind = from_big_endian(body);
    body.remove_prefix(4);
    if (kind == kOk) {
      logged_in_ = !scram_ || genuine_;
      return logged_in_ ? std::nullopt
                        : std::optional(refused_for_good(Reason::auth,
                                                         "the server did not prove "
                                                         "that it knows the password"));
    }
    if (only_whether_it_answers_) {
      return met("takes connections, and asks for a password", false);
    }
    if (!password_) {
      return refused_for_good(Reason::auth,
                              fmt::format("asks for a password of user {}", printable(user_)));
    }
    return give_password(kind, body, *password_, outbox);
  }

  std::optional<Answer> give_password(std::uint32_t kind, std::string_view body,
                                      const std::string& password, std::string& outbox) {
    switch (kind) {
      case kCleartext:
        outbox += message('p', zero_ended(password));
        return std::nullopt;
      case kMd5:
        // "md5" and the digest of the digest of password and user, and the salt.
        outbox += message(
            'p', zero_ended("md5" + net::to_hex(net::md5(net::to_hex(net::md5(password + user_)) +
                                                         std::string(body.substr(0, 4))))));
        return std::nullopt;
      case kSasl:
        return begin_scram(body, password, outbox);
      case kSaslGoesOn:
        return go_on_scram(body, outbox);
      case kSaslEnd:
        genuine_ = scram_ && scram_->is_genuine(body);
        return std::nullopt;
      default:
        return cannot_log_in(fmt::format("authentication request {}", kind));
    }
  }

  std::optional<Answer> begin_scram(std::string_view mechanisms, const std::string& password,
                                    std::string& outbox) {
    constexpr std::string_view kMechanism = "SCRAM-SHA-256";
    while (!mechanisms.empty()) {
      if (take_text(mechanisms) == kMechanism) {
        scram_.emplace("", password, net::to_base64(net::random_bytes(18)));
        const std::string first = scram_->first_message();
        outbox += message('p', zero_ended(kMechanism) +
                                   to_big_endian(static_cast<std::uint32_t>(first.size())) + first);
        return std::nullopt;
      }
    }
    return cannot_log_in("SASL without SCRAM-SHA-256");
  }

  std::optional<Answer> go_on_scram(std::string_view body, std::string& outbox) {
    const auto last = scram_ ? scram_->final_message(body) : std::nullopt;
    if (!last) {
      return unmet(Reason::protocol, "not a SCRAM exchange, or one of too many iterations");
    }
    outbox += message('p', *last);
    return std::nullopt;
  }

  static Answer cannot_log_in(std::string_view how) {
    return refused_for_good(Reason::unknown, fmt::format("answers, and wants a login that is not "
                                                         "known here: {}",
                                                         how));
  }

  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  [[nodiscard]] Answer judge_error(const ServerError& error) const {
    if (error.code.size() != 5) {
      return unmet(Reason::protocol, std::string(kNoDialect));
    }
    // Starting, stopping, recovering; all connections taken.
    if (begins_with_any(error.code, {"57P", "53"})) {
      return unmet(Reason::not_yet, error.words);
    }
    const bool login = begins_with_any(error.code, {"28", "42501"});
    const bool database = error.code == "3D000";
    if (only_whether_it_answers_ && (login || database)) {
      return met("takes connections", false);
    }
    if (login || database) {
      return refused_for_good(login ? Reason::auth : Reason::status, error.words);
    }
    return unmet(Reason::status, fmt::format("{} ({})", error.words, server_words(error.code)));
  }

  std::string user_;
  std::optional<std::string> password_;
  std::string database_;
  bool only_whether_it_answers_;
  bool introduced_ = false, logged_in_ = false, genuine_ = false;
  std::optional<Scram> scram_;
};

}  // namespace

std::unique_ptr<Dialogue> make_postgres_dialogue(const ServerAddress& address) {
  return std::make_unique<PostgresDialogue>(address);
}

Made make_postgres(const condition::Leaf& leaf, const Settings& /*settings*/) {
  auto address = parse_server_address(leaf, 5432);
  if (!address) {
    return tl::unexpected(std::move(address.error()));
  }
  return make_handshake(address->endpoint,
                        [address = *address] { return make_postgres_dialogue(address); });
}

}  // namespace toolkit::probe
