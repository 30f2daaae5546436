#pragma once
// Values of options as text, from each of the places that can give them. CLI11 reads the command
// line and the TOML file; its headers stay in the two sources behind this one.

#include <toolkit/base/result.hpp>
#include <toolkit/cli/option.hpp>

#include <span>
#include <string>
#include <vector>

namespace toolkit::cli {

struct Given {
  const Option* option = nullptr;
  std::vector<std::string> values;
  std::string source;  // "command line", "TOOLKIT_RUN_GRACE", "toolkit.toml: run.grace"
};

/// From words that hold nothing but `mentioned` options and their values. Error: usage.
[[nodiscard]] Result<std::vector<Given>> given_by_command_line(
    std::vector<std::string> words, std::span<const Option* const> mentioned);

struct ConfigItem {
  std::string section, key;
  std::vector<std::string> values;
};
[[nodiscard]] Result<std::vector<ConfigItem>> read_config_file(const std::string& path);

}  // namespace toolkit::cli
