#pragma once
// Options from TOOLKIT_<COMMAND>_<OPTION> variables.

#include "given.hpp"

#include <toolkit/cli/command.hpp>

namespace toolkit::cli {

/// "TOOLKIT_RUN_GRACE" for --grace of run.
[[nodiscard]] std::string environment_name(std::string_view command, const Option& option);
/// The variable's value, empty when it is not there.
[[nodiscard]] std::string_view environment_value(char** environment, std::string_view name);

/// In one pass over the environment. Variables of our prefix that name no option are put into
/// `unknown`.
[[nodiscard]] std::vector<Given> given_by_environment(const Command& command, char** environment,
                                                      std::vector<std::string>& unknown);

}  // namespace toolkit::cli
