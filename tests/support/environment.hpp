#pragma once
// Where the programs under test are, and the environment that they get.

#include <map>
#include <string>
#include <vector>

namespace toolkit::support {

/// The built executable: $TOOLKIT_BINARY, else the one of this build.
[[nodiscard]] std::string toolkit_path();
/// The fixture program (tests/support/fixture): $TOOLKIT_FIXTURE, else the one of this build.
[[nodiscard]] std::string fixture_path();
/// Whether that executable is instrumented; the test program itself need not be.
[[nodiscard]] bool sanitized();

/// Our environment as "K=V" without any TOOLKIT_* variable, so that a developer's settings change
/// no test, with `changes` put in.
[[nodiscard]] std::vector<std::string> child_environment(
    const std::map<std::string, std::string>& changes, const std::vector<std::string>& removed);

}  // namespace toolkit::support
