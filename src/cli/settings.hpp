#pragma once
// The effective value of every option: command line, then environment, then file, then default.

#include "general_options.hpp"
#include "given.hpp"
#include "words.hpp"

#include <toolkit/base/result.hpp>
#include <toolkit/cli/command.hpp>

namespace toolkit::cli {

struct Settings {
  GeneralOptions general;
  std::shared_ptr<void> options;
  std::vector<Given> given;           // what was set, each option once, from its winning source
  std::vector<std::string> warnings;  // variables of ours that name no option
};

[[nodiscard]] Result<Settings> read_settings(const Command& command, const Words& words,
                                             char** environment);

/// One line an option: name, value, source.
[[nodiscard]] std::string show_settings(const Command& command, const Settings& settings);

}  // namespace toolkit::cli
