#pragma once
// TLS between the bytes of a connection and those of its user: no socket, no clock, only OpenSSL on
// memory. OpenSSL itself is set up when the first one is made, so that a wait without TLS does not
// pay for it.

#include <toolkit/net/stream.hpp>

#include <tl/expected.hpp>

#include <optional>

namespace toolkit::net {

class Tls {
 public:
  /// A client's side; `host` is who was connected to. Trouble: CA certificates that cannot be read.
  static tl::expected<std::unique_ptr<Tls>, Trouble> start(const TlsOptions& options,
                                                           const std::string& host);
  virtual ~Tls() = default;

  /// The handshake is done, and the certificate accepted.
  [[nodiscard]] virtual bool is_open() const = 0;
  /// The peer has said that nothing more comes.
  [[nodiscard]] virtual bool is_closed() const = 0;
  /// Takes bytes that came from the connection (none at the beginning) and goes on: what they mean
  /// is appended to `inbox`.
  [[nodiscard]] virtual std::optional<Trouble> receive(std::string_view bytes,
                                                       std::string& inbox) = 0;
  /// Encrypts; only when open.
  [[nodiscard]] virtual std::optional<Trouble> send(std::string_view bytes) = 0;
  /// What is to go out to the connection, taken from here.
  [[nodiscard]] virtual std::string take_outgoing() = 0;
};

}  // namespace toolkit::net
