#include "reference_completion.hpp"
#include "reference_templates.hpp"
#include "reference_text.hpp"
#include "reference_topics.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::cli::reference {
namespace {

/// The kinds that _toolkit_value in completions/toolkit.bash.in knows.
std::string kind_word(const Option& option) {
  if (*option.choices != '\0') {
    return "words " + join(choices(option), " ");
  }
  switch (option.kind) {
    case ValueKind::file:
      return "file";
    case ValueKind::directory:
      return "directory";
    case ValueKind::command:
      return "command";
    case ValueKind::user:
      return "user";
    case ValueKind::signal: {
      const char separator = signal_separator(option);
      return separator != '\0' ? fmt::format("signal{}", separator) : "signal";
    }
    default:
      return "none";
  }
}

std::string operand_word(const Command& command) {
  if (*command.operand_choices != '\0') {
    return "words " + join(split(command.operand_choices, ','), " ");
  }
  switch (command.operands) {
    case Operands::child_command:
      return "child";
    case Operands::list:
      return "file";
    case Operands::list_then_command:
    case Operands::none:
      break;
  }
  return "none";
}

std::string names_of(const std::vector<const Option*>& options) {
  std::string text;
  for (const Option* option : options) {
    for (const std::string_view name : names(*option)) {
      text += fmt::format("{}{}", text.empty() ? "" : " ", name);
    }
  }
  return text;
}

std::string command_case(const Command& command) {
  return fmt::format(
      "    {})\n"
      "      options=\"{}\"\n"
      "      operands=\"{}\"\n"
      "      ;;\n",
      command.name, names_of(options_of(command)), operand_word(command));
}

std::string root_case(std::span<const Command> commands) {
  std::vector<const Option*> options{&version_option()};
  for (const Option& option : general_options()) {
    options.push_back(&option);
  }
  const std::string names = command_names(commands);
  return fmt::format(
      "    \"\")\n"
      "      options=\"{}\"\n"
      "      operands=\"words {} help\"\n"
      "      ;;\n"
      "    help) options=\"\" operands=\"words {}\" ;;\n",
      names_of(options), names, help_words(commands));
}

/// The patterns of one arm of the `case` over "COMMAND OPTION", under the kind that it sets.
using Arms = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// Commands' own options stand before the general ones, whose patterns fit every command and none.
void add_patterns(Arms& arms, std::string_view form, std::string_view command,
                  const Option& option) {
  if (option.kind == ValueKind::flag) {
    return;
  }
  const std::string kind = kind_word(option);
  auto arm = std::find_if(arms.begin(), arms.end(),
                          [&](const auto& known) { return known.first == kind; });
  if (arm == arms.end()) {
    arm = arms.insert(arms.end(), {kind, {}});
  }
  for (const std::string_view name : names(option)) {
    arm->second.push_back(fmt::format(fmt::runtime(form), command, name));
  }
}

std::string arms_text(const Arms& arms) {
  std::string text;
  for (const auto& [kind, patterns] : arms) {
    std::string line = "    ";
    for (const std::string& pattern : patterns) {
      const bool last = &pattern == &patterns.back();
      if (line.size() + pattern.size() > 100) {
        text += line + "\\\n";
        line = "      ";
      }
      line += pattern + (last ? ")" : " | ");
    }
    text += line + fmt::format("\n      takes=\"{}\"\n      ;;\n", kind);
  }
  return text;
}

}  // namespace

std::string bash_script(std::span<const Command> commands) {
  std::string cases = root_case(commands);
  Arms own;
  Arms general;
  for (const Command* command : shown(commands)) {
    cases += command_case(*command);
    for (const Option& option : command->options) {
      add_patterns(own, "\"{} {}\"", command->name, option);
    }
  }
  for (const Option& option : general_options()) {
    add_patterns(general, "{}\" {}\"", "*", option);
  }
  return replace(std::string(template_text("toolkit.bash.in")),
                 {{"@COMMANDS@\n", cases},
                  {"@VALUES@\n", arms_text(own) + arms_text(general)},
                  {"@SIGNALS@", signal_words()}});
}

}  // namespace toolkit::cli::reference
