#include "reference_roff.hpp"
#include "reference_templates.hpp"
#include "reference_text.hpp"
#include "reference_topics.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/cli/reference.hpp>

#include <fmt/core.h>

namespace toolkit::cli {
namespace {

using namespace reference;

/// "\fB\-\-grace\fR \fIDURATION\fR" as the tag of an indented paragraph.
std::string option_tag(const Option& option) {
  std::string tag;
  for (const std::string_view name : names(option)) {
    tag += tag.empty() ? "" : ", ";
    tag += roff_bold(name);
  }
  if (*option.value_name != '\0') {
    tag += fmt::format(" {}", roff_italic(option.value_name));
  }
  return fmt::format(".TP\n{}\n", tag);
}

std::string option_entry(const Option& option) {
  std::string text = option_tag(option) + roff_sentence(option.description);
  if (const std::string words = unsaid_choices(option); !words.empty()) {
    text += roff_sentence("One of " + words);
  }
  if (option.repeatable) {
    text += "May be given more than once.\n";
  }
  if (*option.default_text != '\0') {
    text += fmt::format("Default: {}.\n", roff_bold(option.default_text));
  }
  return text;
}

std::string group_section(std::string_view title, const std::vector<const Option*>& options) {
  std::string text = fmt::format(".SS {}\n", title);
  for (const Option* option : options) {
    text += option_entry(*option);
  }
  return text;
}

std::string options_section(const Command& command) {
  std::string text;
  for (const Group& group : groups(command.options)) {
    text += group_section(group.title, group.options);
  }
  return text + group_section("General", general_options_of(command));
}

/// The variables as one paragraph, since their names follow from the options'.
std::string environment_section(const Command& command) {
  std::vector<std::string> words;
  for (const Option* option : options_of(command)) {
    if (const std::string name = variable(command.name, *option); !name.empty()) {
      words.push_back(roff_bold(name) + ",");
    }
  }
  words.back().back() = '.';
  return fill(words, 0, 78);
}

std::string exit_status_section(std::span<const ExitCode> codes) {
  std::string text;
  for (const ExitCode& code : codes) {
    text += fmt::format(".TP\n{}\n{}", roff_bold(code.code), roff_sentence(code.meaning));
  }
  return text;
}

std::string examples_section(std::span<const Example> examples) {
  std::string text;
  for (const Example& example : examples) {
    // lint wants no .PP right behind the section's title
    text += fmt::format("{}{}.RS 4\n.EX\n{}\n.EE\n.RE\n", text.empty() ? "" : ".PP\n",
                        roff_sentence(example.what), roff_literal(example.command));
  }
  return text;
}

std::string synopsis(const Command& command) {
  return fmt::format("{} {}\n", roff_bold(fmt::format("toolkit {}", command.name)),
                     roff_literal(command.usage));
}

std::string command_page(const Command& command, std::string_view prose) {
  return replace(std::string(prose), {{"@SYNOPSIS@\n", synopsis(command)},
                                      {"@OPTIONS@\n", options_section(command)},
                                      {"@ENVIRONMENT@\n", environment_section(command)},
                                      {"@EXIT_STATUS@\n", exit_status_section(command.exit_codes)},
                                      {"@EXAMPLES@\n", examples_section(command.examples)}});
}

bool has_page(std::string_view command) {
  return !template_text(fmt::format("toolkit-{}.1.in", command)).empty();
}

std::string commands_section(std::span<const Command> commands) {
  std::string text;
  for (const Command* command : shown(commands)) {
    const std::string tag = has_page(command->name)
                                ? fmt::format(".BR toolkit\\-{} (1)", command->name)
                                : fmt::format(".B toolkit {}", command->name);
    text += fmt::format(".TP\n{}\n{}", tag, roff_sentence(command->summary));
  }
  return text;
}

std::string topics_section() {
  std::string text;
  for (const Topic& topic : topics()) {
    text += fmt::format(".TP\n{}\n{}", roff_bold(fmt::format("toolkit help {}", topic.name)),
                        roff_sentence(topic.summary));
  }
  return text;
}

std::string index_page(std::span<const Command> commands) {
  std::vector<const Option*> options{&version_option()};
  for (const Option& option : general_options()) {
    options.push_back(&option);
  }
  std::string entries;
  for (const Option* option : options) {
    entries += option_entry(*option);
  }
  return replace(std::string(template_text("toolkit.1.in")),
                 {{"@COMMANDS@\n", commands_section(commands)},
                  {"@TOPICS@\n", topics_section()},
                  {"@OPTIONS@\n", entries},
                  {"@EXIT_STATUS@\n", exit_status_section(common_exit_codes())}});
}

Error no_page(std::string_view page, std::span<const Command> commands) {
  std::vector<std::string_view> pages;
  for (const Command& command : commands) {
    if (command.name == page) {
      return {ErrorKind::usage, fmt::format("no man page for '{}'", page),
              fmt::format("toolkit {} --help says it all", page)};
    }
    if (has_page(command.name)) {
      pages.emplace_back(command.name);
    }
  }
  const std::string_view meant = nearest(page, pages);
  return {ErrorKind::usage, fmt::format("no man page for '{}'", printable(page)),
          meant.empty() ? "toolkit help lists the commands" : fmt::format("toolkit man {}", meant)};
}

}  // namespace

Result<std::string> man_page(std::string_view page, std::span<const Command> commands) {
  if (page.empty()) {
    return index_page(commands);
  }
  const std::string_view prose = template_text(fmt::format("toolkit-{}.1.in", page));
  for (const Command& command : commands) {
    if (command.name == page && !prose.empty()) {
      return command_page(command, prose);
    }
  }
  return Failure(no_page(page, commands));
}

}  // namespace toolkit::cli
