#pragma once
// What a failing test prints besides its assertion: every command it ran with both outputs, and the
// directories it left behind. A doctest listener (report.cpp) does the printing.

#include <string>

namespace toolkit::support {

/// True once an assertion of the running test case has failed.
[[nodiscard]] bool current_test_failed();
/// Adds a paragraph that is printed if the running test case fails.
void on_failure_print(std::string paragraph);

}  // namespace toolkit::support
