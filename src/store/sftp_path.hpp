#pragma once
// Paths and entries of an SFTP server.

#include "sftp_reply.hpp"

#include <toolkit/store/location.hpp>
#include <toolkit/store/store.hpp>

namespace toolkit::store::sftp {

/// The root as the server is asked for it: "~/x" and "x" are relative to the login directory, which
/// is where servers begin; no slash at the end. "." for the login directory itself.
[[nodiscard]] std::string root_of(const Location& location);
/// "root/key"; the root for "".
[[nodiscard]] std::string join(const std::string& root, const std::string& key);
/// "/a/b" of "/a/b/c", "/" of "/a", "" of "a".
[[nodiscard]] std::string parent_of(const std::string& path);
[[nodiscard]] std::string name_in(const std::string& path);
/// "/a/b/NAME" of "/a/b/c".
[[nodiscard]] std::string sibling_of(const std::string& path, const std::string& name);
/// Beside `path`, and hidden: ".NAME.toolkit-XXXXXXXX" with random letters.
[[nodiscard]] std::string temporary_beside(const std::string& path);
/// The same, with letters that follow from what is written and where it comes from.
[[nodiscard]] std::string draft_of_source(const std::string& path, const Target& target,
                                          const Identity& source);
[[nodiscard]] bool is_draft_name(std::string_view name);

[[nodiscard]] Entry entry_of(std::string name, const Attributes& attributes,
                             std::string_view long_name = {});
/// Nanoseconds to the seconds of the protocol, 1970 to 2106.
[[nodiscard]] std::uint32_t seconds_of(std::int64_t mtime);
/// What a file of `target` shall have: mode where it is known, and its time.
[[nodiscard]] Attributes attributes_of(const Target& target);

}  // namespace toolkit::store::sftp
