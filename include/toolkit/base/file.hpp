#pragma once
// Whole files, and the two system-call wrappers that everything uses.

#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit {

/// open(2) with O_CLOEXEC added, EINTR retried. The error names the path: "cannot open /x: …".
[[nodiscard]] Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode = 0644);

/// The same, for those who have words of their own. The error is the errno.
[[nodiscard]] tl::expected<UniqueFd, int> try_open(const std::string& path, int flags,
                                                   mode_t mode = 0644);
/// The same below an open directory: one that was renamed meanwhile is still the one.
[[nodiscard]] tl::expected<UniqueFd, int> try_open_at(int directory, const std::string& path,
                                                      int flags, mode_t mode = 0644);

/// The file's bytes, at most `limit` of them. Works for /proc files, whose size is unknown.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit = 16 << 20);

/// A small file that the kernel writes at the first read (kernfs, sysctl), in three system calls.
/// The error is the errno.
[[nodiscard]] tl::expected<std::string, int> read_kernel_file(const std::string& path);

/// What `fd` has from where it stands to its end, at most `limit` bytes. The error is the errno.
[[nodiscard]] tl::expected<std::string, int> read_all(int fd, std::size_t limit);

/// The names in a directory, sorted, without those that begin with a dot; none when it cannot be
/// read.
[[nodiscard]] std::vector<std::string> sorted_entries(const std::string& directory);

/// All of `bytes` to `fd`, EINTR and short writes handled. The error is the errno; 0 is success.
[[nodiscard]] int write_all(int fd, std::string_view bytes);
/// What a command answers, to stdout. Error: what kept it from being written.
[[nodiscard]] Result<void> write_answer(std::string_view bytes);

/// Replaces `path` by a file with these bytes so that a reader sees the old or the new, never a
/// part: writes beside it, fsync, rename. The mode is not narrowed by the umask. Does not fsync the
/// directory (a crash may bring back the old file).
[[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view bytes,
                                        mode_t mode = 0644);
/// The same for a file in an open directory. `path` is for the words of an error.
[[nodiscard]] Result<void> replace_file_at(int directory, const std::string& name,
                                           const std::string& path, std::string_view bytes,
                                           mode_t mode = 0644);

/// mkdir -p. Existing directories keep their mode.
[[nodiscard]] Result<void> make_directories(const std::string& path, mode_t mode = 0755);

}  // namespace toolkit
