#pragma once
// Making and judging the directories that job records live in.

#include <toolkit/base/result.hpp>

#include <string>

namespace toolkit::job {

inline constexpr const char* kOtherDirectory =
    "set TOOLKIT_STATE_DIR to a directory that you can write";

/// mkdir for others to read, whatever the umask. The errno; 0 also when a real directory (no
/// symbolic link) is there.
[[nodiscard]] int make_directory(const std::string& path);

/// The error of a path that cannot hold records, with the remedy.
[[nodiscard]] Failure cannot_use(const std::string& path, int error);

/// Makes the state directory and those above it if they are missing, and asks whether we may write
/// there. `ours_alone`: it is in a place where everybody may put things, so it must be no symbolic
/// link, belong to us, and be writable by nobody else.
[[nodiscard]] Result<void> prepare_state_directory(const std::string& path, bool ours_alone);

}  // namespace toolkit::job
