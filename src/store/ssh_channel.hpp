#pragma once
// The ssh client that is built in: connects, proves the server by known_hosts and itself by a key,
// and starts the sftp subsystem. Only ssh_channel.cpp and ssh_login.cpp include libssh, 0.10 or
// later; what it read of ~/.ssh/config holds (HostName, Port, User, IdentityFile, Ciphers,
// ProxyCommand, …).

#include "byte_stream.hpp"

#include <toolkit/store/open_store.hpp>

namespace toolkit::store {

/// A stream to the sftp server of `location`. Ends at settings.silence without a sign of the
/// server and when settings.stop_fd is readable. Errors: unavailable (no such host, refused, lost),
/// denied (host key unknown or changed, no key accepted), failed (nothing in common).
[[nodiscard]] Result<std::unique_ptr<ByteStream>> open_ssh_channel(const Location& location,
                                                                   const Settings& settings);

}  // namespace toolkit::store
