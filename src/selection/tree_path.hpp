#pragma once
// Paths below a root, taken apart and put together by text alone.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::selection {

/// "a/b" and "c" make "a/b/c"; the root's key is empty.
[[nodiscard]] std::string child_key(const std::string& directory, std::string_view name);
/// The names between the slashes, without empty ones and ".".
[[nodiscard]] std::vector<std::string> names_of(std::string_view path);
/// `path` seen from the directory `key`, with "." and ".." resolved; nothing when it leaves the
/// root.
[[nodiscard]] std::optional<std::string> join_key(const std::string& key, std::string_view path);
/// Whether `key` is `directory` or below it.
[[nodiscard]] bool is_within(std::string_view key, std::string_view directory);

}  // namespace toolkit::selection
