#pragma once
// One generator a shell. Each fills completions/*.in with what the tables say.

#include <toolkit/cli/command.hpp>

#include <string>

namespace toolkit::cli::reference {

[[nodiscard]] std::string bash_script(std::span<const Command> commands);
[[nodiscard]] std::string zsh_script(std::span<const Command> commands);
[[nodiscard]] std::string fish_script(std::span<const Command> commands);

}  // namespace toolkit::cli::reference
