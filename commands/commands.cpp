// The list of commands; nothing else knows them all.
#include "check_gpu.hpp"
#include "env.hpp"
#include "reference.hpp"
#include "run.hpp"
#include "sync.hpp"
#include "wait.hpp"

#include <toolkit/cli/command.hpp>

#include <array>

namespace toolkit::cli {

std::span<const Command> all_commands() {
  static const std::array list{commands::run_command(),       commands::sync_command(),
                               commands::wait_command(),      commands::env_command(),
                               commands::check_gpu_command(), commands::completion_command(),
                               commands::man_command()};
  return list;
}

}  // namespace toolkit::cli
