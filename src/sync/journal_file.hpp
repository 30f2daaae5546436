#pragma once
// The file under the journal: locked by the one process that writes it.

#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace toolkit::sync {

/// Made where it is missing, with its directory. Error: conflict when another process has it
/// locked.
[[nodiscard]] Result<UniqueFd> open_journal_file(const std::string& path);

/// Puts a new file with these bytes in its place, on disk and locked. The error is the errno, and
/// then the old one is still there.
[[nodiscard]] tl::expected<UniqueFd, int> replace_journal_file(const std::string& path,
                                                               std::string_view bytes);

/// At an offset; the errno, 0 when all is written. After an error nothing of it counts.
[[nodiscard]] int write_at(int fd, std::uint64_t offset, std::string_view bytes);

}  // namespace toolkit::sync
