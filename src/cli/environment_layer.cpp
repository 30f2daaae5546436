#include "environment_layer.hpp"

#include "words.hpp"

#include <toolkit/base/text.hpp>

namespace toolkit::cli {
namespace {

std::string variable_form(std::string_view name) {
  std::string form = to_upper(name);
  for (char& c : form) {
    c = c == '-' ? '_' : c;
  }
  return form;
}

std::string long_form(std::string_view variable) {
  std::string form;
  for (const char c : variable) {
    form += c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return form;
}

std::vector<std::string> values_of(const Option& option, std::string_view text) {
  if (!option.repeatable) {
    return {std::string(text)};
  }
  std::vector<std::string> values;
  for (const std::string_view line : split(text, '\n')) {
    if (!trim(line).empty()) {
      values.emplace_back(line);
    }
  }
  return values;
}

}  // namespace

std::string environment_name(std::string_view command, const Option& option) {
  return "TOOLKIT_" + variable_form(command) + "_" + variable_form(option.long_name());
}

std::string_view environment_value(char** environment, std::string_view name) {
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) {
      return entry.substr(name.size() + 1);
    }
  }
  return {};
}

std::vector<Given> given_by_environment(const Command& command, char** environment,
                                        std::vector<std::string>& unknown) {
  std::vector<Given> given;
  for (char** entry = environment; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    if (!text.starts_with("TOOLKIT_")) {
      continue;  // nearly all of them: keep this first
    }
    const std::string prefix = "TOOLKIT_" + variable_form(command.name) + "_";
    const auto equals = text.find('=');
    if (!text.starts_with(prefix) || equals == std::string_view::npos) {
      continue;
    }
    const std::string_view name = text.substr(prefix.size(), equals - prefix.size());
    const Option* option = find_option(&command, long_form(name));
    // What a job inherits for good must not turn every command into its help.
    const bool asks = option != nullptr &&
                      (option->long_name() == "help" || option->long_name() == "show-config");
    if (option != nullptr && !asks) {
      given.push_back({option, values_of(*option, text.substr(equals + 1)),
                       std::string(text.substr(0, equals))});
    } else {
      unknown.emplace_back(text.substr(0, equals));
    }
  }
  return given;
}

}  // namespace toolkit::cli
