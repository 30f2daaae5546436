#pragma once
// The files of a sync itself, in a source that is or was another one's destination.

#include <string_view>

namespace toolkit::sync {

/// Claims and their like, ".toolkit-sync-…", and what is being written, ".NAME.toolkit-XXXXXX" (or
/// eight letters and digits): never data.
[[nodiscard]] bool is_own_file(std::string_view name);

}  // namespace toolkit::sync
