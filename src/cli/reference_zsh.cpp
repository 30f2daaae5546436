#include "reference_completion.hpp"
#include "reference_templates.hpp"
#include "reference_text.hpp"
#include "reference_topics.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

namespace toolkit::cli::reference {
namespace {

/// A word in single quotes.
std::string quote(std::string_view text) {
  return "'" + replace(std::string(text), {{"'", "'\\''"}}) + "'";
}

/// Text inside [brackets] or between the colons of an _arguments specification.
std::string escape(std::string_view text) {
  return replace(std::string(text), {{"\\", "\\\\"}, {"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
}

/// What completes the value, as the third field of a specification. A blank: nothing but the
/// message.
std::string action(const Option& option) {
  if (*option.choices != '\0') {
    return fmt::format("({})", join(choices(option), " "));
  }
  switch (option.kind) {
    case ValueKind::file:
      return "_files";
    case ValueKind::directory:
      return "_directories";
    case ValueKind::command:
      return " _command_names -e";
    case ValueKind::user:
      return " _toolkit_user";
    case ValueKind::signal: {
      const char separator = signal_separator(option);
      return separator != '\0' ? fmt::format(" _toolkit_signal {}", separator) : " _toolkit_signal";
    }
    default:
      return " ";
  }
}

/// '(-q --quiet)'{-q,--quiet}'[Say less]': each name excludes both, unless the option may be
/// repeated.
std::string specification(const Option& option) {
  const bool flag = option.kind == ValueKind::flag;
  const auto all = names(option);
  const std::string before = option.repeatable ? "*" : fmt::format("({})", join(all, " "));
  std::string forms;
  for (const std::string_view name : all) {
    forms += forms.empty() ? "" : ",";
    forms += name;
    forms += flag ? "" : (name.starts_with("--") ? "=" : "+");
  }
  std::string text = fmt::format("[{}]", escape(option.description));
  if (!flag) {
    text += fmt::format(":{}:{}", escape(option.value_name), action(option));
  }
  return all.size() == 1 ? quote(before + forms + text)
                         : quote(before) + "{" + forms + "}" + quote(text);
}

std::string operand_specification(const Command& command) {
  if (*command.operand_choices != '\0') {
    const auto words = join(split(command.operand_choices, ','), " ");
    return fmt::format("'1: :({})' ", words);
  }
  switch (command.operands) {
    case Operands::child_command:
      return "'*:: : _normal' ";
    case Operands::list:
      return "'*: :_files' ";
    case Operands::list_then_command:
    case Operands::none:
      break;
  }
  return "";
}

std::string command_case(const Command& command) {
  std::string text = fmt::format("    {})\n", command.name);
  if (command.operands == Operands::child_command) {
    text +=
        "      # _arguments overlooks a -- that is the very first word (zsh 5.9).\n"
        "      [[ $words[2] == -- ]] && compset -n 3 && { _normal; return }\n";
  }
  text += "      _arguments -s -S -A '-*' \\\n";
  for (const Option* option : options_of(command)) {
    text += fmt::format("        {} \\\n", specification(*option));
  }
  return text + fmt::format("        {}&& ret=0\n      ;;\n", operand_specification(command));
}

std::string general_specifications() {
  std::string text = fmt::format("    {} \\\n", specification(version_option()));
  for (const Option& option : general_options()) {
    text += fmt::format("    {} \\\n", specification(option));
  }
  return text;
}

}  // namespace

std::string zsh_script(std::span<const Command> commands) {
  std::string cases =
      fmt::format("    help) _arguments '1: :({})' && ret=0 ;;\n", help_words(commands));
  std::string names = "    'help:Explain a command or topic'\n";
  for (const Command* command : shown(commands)) {
    names += fmt::format("    {}\n", quote(fmt::format("{}:{}", command->name, command->summary)));
    cases += command_case(*command);
  }
  return replace(std::string(template_text("_toolkit.in")),
                 {{"@COMMANDS@\n", names},
                  {"@GENERAL@\n", general_specifications()},
                  {"@CASES@\n", cases},
                  {"@SIGNALS@", signal_words()}});
}

}  // namespace toolkit::cli::reference
