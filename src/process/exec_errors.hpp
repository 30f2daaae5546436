#pragma once
// Words and exit codes for a child that could not become its program.

#include "child_setup.hpp"

namespace toolkit::process {

[[nodiscard]] SpawnError own_failure(const char* what, int error_number);
[[nodiscard]] SpawnError explain_setup(const ChildOptions& options, const SetupReport& report);

}  // namespace toolkit::process
