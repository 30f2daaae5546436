#pragma once
// What stands behind `--` and takes our place.

#include <toolkit/base/result.hpp>

#include <span>
#include <string>

namespace toolkit::commands {

/// execs the words with this environment (null: ours), the same process number and the signal mask
/// that we were started with. Returns only when it could not: exit code 126 or 127.
[[nodiscard]] Failure become(std::span<const std::string> command,
                             const char* const* environment = nullptr);

}  // namespace toolkit::commands
