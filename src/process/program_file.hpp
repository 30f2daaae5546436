#pragma once
// The file behind a command that could not be executed: looked at to say why.

#include <toolkit/process/child.hpp>

#include <string>

namespace toolkit::process {

[[nodiscard]] bool is_directory(const std::string& path);
/// The file that exec complained about, as we can reach it; empty when there is none.
[[nodiscard]] std::string file_in_question(const ChildOptions& options);
/// The program of a #! line; empty for other files.
[[nodiscard]] std::string interpreter_of(const std::string& head);
/// Which machine an ELF header is for; empty for other files.
[[nodiscard]] std::string machine_of(const std::string& head);

}  // namespace toolkit::process
