#pragma once
// Users and groups by name or number, from /etc/passwd and /etc/group alone: a static binary must not
// load the image's NSS modules.

#include <toolkit/base/result.hpp>
#include <toolkit/process/child.hpp>

#include <string>
#include <string_view>

namespace toolkit::process {

struct User {
  Credentials credentials;
  std::string name, home, shell;  // empty for a number that is not in passwd
};

/// UID, NAME, UID:GID, NAME:GROUP. Supplementary groups come from /etc/group for a known name.
/// A number need not exist in passwd. Error: not_found for unknown names.
[[nodiscard]] Result<User> find_user(std::string_view text, const std::string& root = "");

}  // namespace toolkit::process
