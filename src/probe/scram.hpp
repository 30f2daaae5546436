#pragma once
// SCRAM-SHA-256 of a client without channel binding: RFC 5802, RFC 7677. Passwords outside ASCII
// are taken as they are, without SASLprep, which PostgreSQL does too where it does not apply.

#include <optional>
#include <string>
#include <string_view>

namespace toolkit::probe {

class Scram {
 public:
  /// More than this is refused: a server could keep us busy for minutes. PostgreSQL's default is
  /// 4096 (scram_iterations).
  static constexpr int kMostIterations = 200'000;

  /// PostgreSQL wants an empty user here and takes the one of its StartupMessage.
  Scram(std::string user, std::string password, std::string nonce);

  [[nodiscard]] std::string first_message() const;
  /// The answer to the server's first message; nothing if that is not one, or not to ours.
  [[nodiscard]] std::optional<std::string> final_message(std::string_view server_first);
  /// Whether the server knows the password too.
  [[nodiscard]] bool is_genuine(std::string_view server_final) const;

 private:
  std::string password_, nonce_, first_bare_, server_signature_;
};

}  // namespace toolkit::probe
