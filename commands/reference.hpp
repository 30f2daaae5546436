#pragma once
// `toolkit completion SHELL` and `toolkit man [COMMAND]`: documents from the option tables, because
// a static binary that is dropped into an image has no files beside it.

#include <toolkit/cli/command.hpp>

namespace toolkit::commands {

[[nodiscard]] cli::Command completion_command();
[[nodiscard]] cli::Command man_command();

}  // namespace toolkit::commands
