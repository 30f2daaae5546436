#pragma once
// One call for main: finds the command, reads its options from the command line, the environment
// and the configuration file, answers --help and --version, and runs it.

#include <toolkit/cli/command.hpp>

namespace toolkit::cli {

/// The exit code for the process. `environment` is environ(7)'s array.
int run_app(int argc, char** argv, char** environment);

}  // namespace toolkit::cli
