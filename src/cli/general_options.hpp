#pragma once
// The options that every command has.

#include <toolkit/base/log.hpp>
#include <toolkit/cli/command.hpp>

#include <string>

namespace toolkit::cli {

struct GeneralOptions {
  std::string config;
  bool show_config = false;
  std::string log_level = "info";
  std::string log_format = "text";
  std::string colour = "auto";
  bool verbose = false;
  bool quiet = false;
  bool help = false;
};

/// What the logger is told: level from --log-level, -v (debug) and -q (error), colour by the
/// terminal, NO_COLOR and TERM. `log_format` may come from a command's own --log-format.
[[nodiscard]] log::Settings log_settings(const GeneralOptions& options, std::string_view command,
                                         char** environment);

}  // namespace toolkit::cli
