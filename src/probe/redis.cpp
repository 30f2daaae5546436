#include "redis.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::probe {
namespace {

constexpr std::size_t kLongestReply = 4096;  // of the simple kinds, all that is asked for

std::string command(std::initializer_list<std::string_view> words) {
  std::string bytes = fmt::format("*{}\r\n", words.size());
  for (const std::string_view word : words) {
    bytes += fmt::format("${}\r\n{}\r\n", word.size(), word);
  }
  return bytes;
}

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  return std::ranges::any_of(beginnings, [&](auto each) { return text.starts_with(each); });
}

// The codes and words are those of redis 7's server.c, acl.c, networking.c and db.c; "ERR invalid
// password" and "ERR Client sent AUTH" are older than 6.
Answer judge_error(std::string_view error, bool keep) {
  if (begins_with_any(error, {"NOAUTH", "WRONGPASS", "NOPERM", "DENIED", "ERR invalid password",
                              "ERR Client sent AUTH", "ERR AUTH "})) {
    return refused_for_good(Reason::auth, server_words(error));
  }
  if (begins_with_any(error, {"ERR DB index", "ERR invalid DB index", "ERR SELECT is not"})) {
    return refused_for_good(Reason::status, server_words(error));
  }
  if (begins_with_any(error, {"LOADING", "MASTERDOWN", "BUSY", "CLUSTERDOWN"})) {
    return unmet(Reason::not_yet, server_words(error), keep);
  }
  if (begins_with_any(error, {"ERR max number of clients"})) {
    return unmet(Reason::not_yet, server_words(error));
  }
  return unmet(Reason::status, server_words(error));
}

class RedisDialogue : public Dialogue {
 public:
  explicit RedisDialogue(const ServerAddress& address) {
    if (address.password) {
      greeting_ += address.user ? command({"AUTH", *address.user, *address.password})
                                : command({"AUTH", *address.password});
      ++preludes_;
    }
    if (!address.name.empty()) {
      greeting_ += command({"SELECT", address.name});
      ++preludes_;
    }
  }

  std::string ask() override { return std::exchange(greeting_, "") + command({"PING"}); }

  std::optional<Answer> read(std::string& inbox, std::string& /*outbox*/) override {
    for (;;) {
      const std::size_t end = inbox.find("\r\n");
      if (!inbox.empty() && inbox[0] != '+' && inbox[0] != '-') {
        return unmet(Reason::protocol, "the answer is not Redis's");
      }
      if (end == std::string::npos || end > kLongestReply) {
        return inbox.size() > kLongestReply
                   ? std::optional(unmet(Reason::protocol, "the answer is not Redis's"))
                   : std::nullopt;
      }
      const std::string line = inbox.substr(0, end);
      inbox.erase(0, end + 2);
      if (auto answer = judge(line)) {
        return answer;
      }
    }
  }

  [[nodiscard]] std::string farewell() const override { return {}; }

 private:
  std::optional<Answer> judge(std::string_view line) {
    const bool to_ping = preludes_ == 0;
    if (line.starts_with('-')) {
      return judge_error(line.substr(1), to_ping);
    }
    if (to_ping) {
      return line == "+PONG" ? met("PONG", true)
                             : unmet(Reason::protocol, "the answer to PING is not PONG");
    }
    --preludes_;
    return line == "+OK" ? std::nullopt
                         : std::optional(unmet(Reason::protocol, "the answer is not Redis's"));
  }

  std::string greeting_;  // what a new connection needs before its first PING
  int preludes_ = 0;      // replies to it that are still to come
};

}  // namespace

std::unique_ptr<Dialogue> make_redis_dialogue(const ServerAddress& address) {
  return std::make_unique<RedisDialogue>(address);
}

Made make_redis(const condition::Leaf& leaf, const Settings& /*settings*/) {
  auto address = parse_server_address(leaf, 6379);
  if (!address) {
    return tl::unexpected(std::move(address.error()));
  }
  if (!address->name.empty() && !parse_whole(address->name)) {
    return mistake(leaf, leaf.target, "redis: a database has a number", "redis://HOST:6379/0");
  }
  if (address->user && !address->password) {
    return mistake(leaf, leaf.target, "redis: a user needs a password",
                   "redis://USER:PASSWORD@HOST, or redis://:PASSWORD@HOST for the default user");
  }
  return make_handshake(address->endpoint,
                        [address = *address] { return make_redis_dialogue(address); });
}

}  // namespace toolkit::probe
