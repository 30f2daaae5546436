#pragma once
// The volume that containers share, $TOOLKIT_STATE_DIR, and the clocks of those that write there.
// Looked at for --check alone, since it lists a directory.

#include <toolkit/advice/rules.hpp>

#include <string>
#include <vector>

namespace toolkit::commands {

/// Nothing where the directory is not there.
[[nodiscard]] std::vector<advice::Volume> shared_volumes(const std::string& directory);
/// Of the job records below it, at most 64.
[[nodiscard]] std::vector<advice::RecordClock> record_clocks(const std::string& directory);

}  // namespace toolkit::commands
