#include "reference_completion.hpp"
#include "reference_templates.hpp"
#include "reference_text.hpp"
#include "reference_topics.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

namespace toolkit::cli::reference {
namespace {

/// A word in single quotes, where fish knows \\ and \'.
std::string quote(std::string_view text) {
  return "'" + replace(std::string(text), {{"\\", "\\\\"}, {"'", "\\'"}}) + "'";
}

/// How `complete` is told about the value: -x wants one and offers no files, -rF offers files.
std::string value_flags(const Option& option) {
  if (*option.choices != '\0') {
    return fmt::format(" -x -a {}", quote(join(choices(option), " ")));
  }
  switch (option.kind) {
    case ValueKind::flag:
      return "";
    case ValueKind::file:
      return " -rF";
    case ValueKind::directory:
      return " -x -a '(__fish_complete_directories (__toolkit_value))'";
    case ValueKind::command:
      return " -x -a '(__fish_complete_command)'";
    case ValueKind::user:
      return " -x -a '(__toolkit_users)'";
    case ValueKind::signal: {
      const char separator = signal_separator(option);
      return separator != '\0' ? fmt::format(" -x -a '(__toolkit_signals {})'", separator)
                               : " -x -a '(__toolkit_signals)'";
    }
    default:
      return " -x";
  }
}

std::string option_line(std::string_view condition, const Option& option) {
  std::string text = fmt::format("complete -c toolkit -n {}", quote(condition));
  if (option.short_name() != '\0') {
    text += fmt::format(" -s {}", option.short_name());
  }
  return text + fmt::format(" -l {}{} -d {}\n", option.long_name(), value_flags(option),
                            quote(option.description));
}

std::string operand_line(const Command& command) {
  const std::string start = fmt::format("complete -c toolkit -n '__toolkit_at {}", command.name);
  if (*command.operand_choices != '\0') {
    const auto words = join(split(command.operand_choices, ','), " ");
    return fmt::format("{} 0' -a '{}'\n", start, words);
  }
  return command.operands == Operands::list ? fmt::format("{}' -F\n", start) : "";
}

std::string command_lines(const Command& command) {
  const std::string condition = fmt::format("__toolkit_at {}", command.name);
  std::string text = fmt::format("\n# {}\n", command.name);
  text += fmt::format("complete -c toolkit -n '__toolkit_at \"\"' -a {} -d {}\n", command.name,
                      quote(command.summary));
  for (const Option* option : options_of(command)) {
    text += option_line(condition, *option);
  }
  return text + operand_line(command);
}

/// `case run` and the names of its options that take the next word.
std::string value_case(std::string_view command, const std::vector<const Option*>& options) {
  std::string text =
      fmt::format("        case {}\n            string split ' ' --", quote(command));
  std::string words;
  for (const Option* option : options) {
    for (const std::string_view name : names(*option)) {
      words += option->kind == ValueKind::flag
                   ? ""
                   : fmt::format("{}{}", words.empty() ? "" : " ", name);
    }
  }
  return text + fmt::format(" '{}'\n", words);
}

}  // namespace

std::string fish_script(std::span<const Command> commands) {
  std::vector<const Option*> general;
  std::string lines = option_line("__toolkit_at \"\"", version_option());
  for (const Option& option : general_options()) {
    general.push_back(&option);
    lines += option_line("__toolkit_at \"\"", option);
  }
  std::string values = value_case("", general);
  std::string children;
  for (const Command* command : shown(commands)) {
    values += value_case(command->name, options_of(*command));
    lines += command_lines(*command);
    children +=
        command->operands == Operands::child_command ? fmt::format(" {}", command->name) : "";
  }
  lines += fmt::format(
      "\n# help\ncomplete -c toolkit -n '__toolkit_at \"\"' -a help -d 'Explain a command or "
      "topic'\n"
      "complete -c toolkit -n '__toolkit_at help 0' -a {}\n",
      quote(help_words(commands)));
  return replace(std::string(template_text("toolkit.fish.in")), {{"@VALUES@\n", values},
                                                                 {"@COMPLETIONS@\n", lines},
                                                                 {"@CHILD_COMMANDS@", children},
                                                                 {"@SIGNALS@", signal_words()}});
}

}  // namespace toolkit::cli::reference
