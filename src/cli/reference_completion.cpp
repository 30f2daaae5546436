#include "reference_completion.hpp"

#include <toolkit/cli/reference.hpp>

#include <fmt/core.h>

namespace toolkit::cli {

Result<std::string> completion_script(std::string_view shell, std::span<const Command> commands) {
  if (shell == "bash") {
    return reference::bash_script(commands);
  }
  if (shell == "zsh") {
    return reference::zsh_script(commands);
  }
  if (shell == "fish") {
    return reference::fish_script(commands);
  }
  return fail(ErrorKind::usage, fmt::format("no completions for '{}'", shell), "bash, zsh or fish");
}

}  // namespace toolkit::cli
