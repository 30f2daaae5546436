#pragma once
// Users and groups by name or number, from /etc/passwd and /etc/group alone: a static binary must
// not load the image's NSS modules.

#include <toolkit/base/result.hpp>
#include <toolkit/process/child.hpp>

#include <string>
#include <string_view>

namespace toolkit::process {

struct User {
  Credentials credentials;
  std::string name, home, shell;  // empty for a number that is not in passwd
};

/// UID, NAME, UID:GID, NAME:GROUP, with the meaning of `docker run --user`: without a group, a
/// known user gets its own and its supplementary groups from /etc/group, and an unknown number
/// keeps our group; a group that is given is the only one. The primary group is always the first of
/// the supplementary ones, so that a mode which denies a group cannot be got around
/// (CVE-2022-36109). A number need not exist in either file. Error: usage, or not_found for unknown
/// names.
[[nodiscard]] Result<User> find_user(std::string_view text, const std::string& root = "");

}  // namespace toolkit::process
