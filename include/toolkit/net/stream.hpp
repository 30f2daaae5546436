#pragma once
// A byte stream to somewhere else, from the name to the last byte, that never blocks: it looks the
// name up, connects (IPv6 and IPv4 in turn, RFC 8305), shakes hands for TLS where asked, and keeps
// what came and what is still to be sent. Whoever owns it polls.

#include <toolkit/base/duration.hpp>
#include <toolkit/base/unique_fd.hpp>
#include <toolkit/net/endpoint.hpp>

#include <poll.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::net {

/// `protocol`: an answer that is none. `other`: a name server that failed, a descriptor too
/// few, so that nothing is known of the server.
enum class Cause { name, refused, unreachable, timed_out, tls, closed, protocol, other };

/// Why a stream failed: for programs and for people ("connection refused", "no such name").
struct Trouble {
  Cause cause = Cause::other;
  std::string words;
};

struct TlsOptions {
  std::string server_name;  // SNI and the name that the certificate must have; empty: the host
  std::string ca_file;      // empty: SSL_CERT_FILE, then the places of the distributions
  bool insecure = false;    // accept any certificate
};

class Stream {
 public:
  enum class State { resolving, connecting, handshaking, open, failed };

  /// Begins at once; advance() goes on. An open stream is no proof of a server: the kernel
  /// completes connections for a listener that never accepts them, and may reset them later
  /// (pytorch/pytorch PR #129985). Ask for an answer where the protocol has one.
  static std::unique_ptr<Stream> to(Endpoint endpoint);
  static std::unique_ptr<Stream> to_tls(Endpoint endpoint, TlsOptions tls);
  static std::unique_ptr<Stream> to_path(std::string unix_socket);  // leading @: abstract

  virtual ~Stream() = default;

  [[nodiscard]] virtual State state() const = 0;
  /// Why it failed. A peer that closes an open stream is Cause::closed; what came before stays in
  /// the inbox.
  [[nodiscard]] virtual const Trouble& trouble() const = 0;
  /// The address that is tried or connected, "192.0.2.1:80"; empty while resolving.
  [[nodiscard]] virtual std::string peer() const = 0;

  virtual void collect(std::vector<pollfd>& entries) const = 0;
  [[nodiscard]] virtual SteadyTime next_deadline() const = 0;
  virtual void advance(std::span<const pollfd> entries, SteadyTime now) = 0;

  /// Queued, and sent when the stream is open: what is queued at that moment goes out in one
  /// send(2) as far as the kernel takes it.
  virtual void send(std::string_view bytes) = 0;
  /// What came and was not taken yet: the reader erases what it has used. Reading stops at 1 MiB.
  [[nodiscard]] virtual std::string& inbox() = 0;
  /// The socket of a stream that has just become open, without TLS and before a byte was read: for
  /// a library that speaks its own protocol. The stream is closed then.
  [[nodiscard]] virtual UniqueFd take_descriptor() { return {}; }
};

/// What a stream in this state waits for, for who gives it up: "no answer from the name server",
/// "no answer to the connection", "the TLS handshake does not end", "connected, and no answer".
[[nodiscard]] std::string_view silence_words(Stream::State state);

}  // namespace toolkit::net
