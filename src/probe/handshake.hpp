#pragma once
// A server that answers in its own protocol is ready; one that only accepts a connection may not
// be (pytorch/pytorch PR #129985). A dialogue knows the protocol, the probe here the connections.
//
// The retry rule is that of Go's database/sql: an attempt that finds a connection of an earlier
// one asks at most twice on it, and then exactly once on a new one, for which the name is looked
// up again. Only what the transport does leads to another try (closed, reset, silent); what a
// server says does not, except when it says goodbye on a connection that was kept (PostgreSQL's
// idle_session_timeout is no news about new ones). A closed connection cannot be asked again, so
// that the second try on it is for a silent one.

#include <toolkit/net/endpoint.hpp>
#include <toolkit/probe/probe.hpp>

#include <functional>
#include <memory>

namespace toolkit::probe {

struct Answer {
  Finding finding;
  bool keep = false;  // the connection is good for another question
};

/// What is said on one connection. Pure: bytes in, bytes out.
class Dialogue {
 public:
  virtual ~Dialogue() = default;
  /// What an attempt sends: first of all on a new connection (may be nothing, where the server
  /// speaks first), a question of the cheapest kind on one that has answered.
  [[nodiscard]] virtual std::string ask() = 0;
  /// Takes the whole messages out of `inbox`, appends what is to be said to `outbox`. The answer,
  /// when there is one.
  [[nodiscard]] virtual std::optional<Answer> read(std::string& inbox, std::string& outbox) = 0;
  /// What ends the connection politely, so that the server logs no broken client.
  [[nodiscard]] virtual std::string farewell() const = 0;
};
using MakeDialogue = std::function<std::unique_ptr<Dialogue>()>;

[[nodiscard]] std::unique_ptr<Probe> make_handshake(net::Endpoint endpoint,
                                                    MakeDialogue make_dialogue);

/// A server's own words as ours: printable, masked, one line of at most 200 bytes.
[[nodiscard]] std::string server_words(std::string_view text);
/// Answers of the common kinds.
[[nodiscard]] Answer met(std::string words, bool keep);
[[nodiscard]] Answer unmet(Reason reason, std::string words, bool keep = false);
[[nodiscard]] Answer refused_for_good(Reason reason, std::string words);

}  // namespace toolkit::probe
