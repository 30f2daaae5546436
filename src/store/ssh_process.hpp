#pragma once
// The ssh client that -e/--rsh names, as a child: its agent, jump hosts and prompts of policy are
// its own affair. It cannot ask anybody: a container has no terminal.

#include "byte_stream.hpp"

#include <toolkit/store/open_store.hpp>

namespace toolkit::store {

/// The command with what a subsystem needs behind it: "-l USER -p PORT -s -- HOST sftp". OpenSSH's
/// own is also told not to ask (BatchMode), and with accept_new_host_key to take unknown ones.
[[nodiscard]] Result<std::vector<std::string>> sftp_command(const Location& location,
                                                            const SshSettings& settings);

/// A stream to the sftp server of `location`. Errors: usage, not_found; what the client itself has
/// to say comes with the first read.
[[nodiscard]] Result<std::unique_ptr<ByteStream>> open_ssh_process(const Location& location,
                                                                   const Settings& settings);

}  // namespace toolkit::store
