#pragma once
// OpenSSL's long-lived half: its set-up, and the trusted authorities, which take milliseconds to
// read and are kept.

#include <toolkit/net/stream.hpp>

#include <openssl/ssl.h>
#include <tl/expected.hpp>

namespace toolkit::net {

/// A context for clients, shared among them. Read anew when the file of the
/// authorities has changed. Trouble: it cannot be read, or has none.
[[nodiscard]] tl::expected<std::shared_ptr<SSL_CTX>, Trouble> tls_context(
    const TlsOptions& options);

}  // namespace toolkit::net
