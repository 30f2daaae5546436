#pragma once
// Reading a file of an SFTP server, ahead of who reads.

#include "sftp_session.hpp"

#include <toolkit/store/store.hpp>

namespace toolkit::store::sftp {

/// Opens a regular file; `name` is for messages. Errors: not_found, denied, failed for what is no
/// regular file, the connection's.
[[nodiscard]] Result<std::unique_ptr<Content>> open_content(std::shared_ptr<Session> session,
                                                            const std::string& path,
                                                            const std::string& name, bool follow);

}  // namespace toolkit::store::sftp
