#pragma once
// The file under the journal: ours alone, and locked by the one process that writes it.

#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace toolkit::sync {

/// Made where it is missing, with its directory. Errors: conflict when another process has it
/// locked; denied when another user could have written it, for a journal is believed.
[[nodiscard]] Result<UniqueFd> open_journal_file(const std::string& path);
/// One that is there, only to be read, and not locked.
[[nodiscard]] Result<UniqueFd> open_journal_to_read(const std::string& path);
/// One without a name, gone with its descriptor. The error is the errno.
[[nodiscard]] tl::expected<UniqueFd, int> make_nameless_journal();

/// 0 where the file is ours now, and where the file system knows no locks: the claim of the
/// destination is there to keep two syncs apart, this one keeps a journal readable.
[[nodiscard]] int lock_journal(int fd);
/// Whether the lock that we have keeps others out: not every file system knows locks.
[[nodiscard]] bool is_surely_locked(int fd);

/// At an offset. The error is the errno; nothing read is the end.
[[nodiscard]] tl::expected<std::size_t, int> read_at(int fd, std::uint64_t offset,
                                                     std::span<char> into);
/// The errno, 0 when all is written. After an error nothing of it counts.
[[nodiscard]] int write_at(int fd, std::uint64_t offset, std::string_view bytes);

}  // namespace toolkit::sync
