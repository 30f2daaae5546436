#include "reference_text.hpp"
#include "reference_topics.hpp"

#include <toolkit/cli/reference.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::cli {
namespace {

using namespace reference;

// Labels longer than this get a line to themselves, so that one of them does not push all texts
// right.
constexpr std::size_t kWidestLabel = 30;

/// "  -q, --quiet", "      --log FILE".
std::string label(const Option& option) {
  std::string text = option.short_name() != '\0' ? "  " : "      ";
  text += join(names(option), ", ");
  if (*option.value_name != '\0') {
    text += fmt::format(" {}", option.value_name);
  }
  return text;
}

/// The description, and what the table knows beside it. Default and variable never break.
std::vector<std::string> explanation(std::string_view command, const Option& option) {
  std::vector<std::string> words = words_of(option.description);
  if (const std::string all = unsaid_choices(option); !all.empty()) {
    const auto more =
        words_of(fmt::format("[one of: {}]", all));  // may be long: the one that breaks
    words.insert(words.end(), more.begin(), more.end());
  }
  const auto add = [&](std::string_view what, std::string_view value) {
    if (!value.empty()) {
      words.push_back(fmt::format("[{}: {}]", what, value));
    }
  };
  add("default", option.default_text);
  if (option.repeatable) {
    words.emplace_back("[repeatable]");
  }
  add("env", variable(command, option));
  return words;
}

std::size_t text_column(const std::vector<const Option*>& options) {
  std::size_t widest = 0;
  for (const Option* option : options) {
    const std::size_t columns = width(label(*option));
    widest = columns <= kWidestLabel ? std::max(widest, columns) : widest;
  }
  return widest + 2;
}

std::string option_help(std::string_view command, const Option& option, std::size_t indent,
                        std::size_t columns) {
  std::string text = label(option);
  if (width(text) + 2 > indent) {
    text += '\n' + std::string(indent, ' ');
  } else {
    text += std::string(indent - width(text), ' ');
  }
  return text + fill(explanation(command, option), indent, columns);
}

std::string options_help(const Command& command, std::size_t columns) {
  const std::size_t indent = text_column(options_of(command));
  std::vector<Group> all = groups(command.options);
  all.push_back({"General", general_options_of(command)});
  std::string text;
  for (const Group& group : all) {
    text += fmt::format("\n{}:\n", group.title);
    for (const Option* option : group.options) {
      text += option_help(command.name, *option, indent, columns);
    }
  }
  return text;
}

// The words first, the command below them on a line of its own, so that it can be pasted.
std::string example_help(const Example& example) {
  return fmt::format("  {}\n    {}\n", example.what, example.command);
}

std::string examples_help(std::span<const Example> examples) {
  std::string text = examples.empty() ? "" : "\nExamples:\n";
  for (const Example& example : examples) {
    text += example_help(example);
  }
  return text;
}

/// The commands under their headings, in table order.
std::string commands_help(const std::vector<const Command*>& commands) {
  std::size_t widest = 0;
  std::vector<std::string_view> titles;
  for (const Command* command : commands) {
    widest = std::max(widest, width(command->name));
    if (std::find(titles.begin(), titles.end(), command->group) == titles.end()) {
      titles.push_back(command->group);
    }
  }
  std::string text;
  for (const std::string_view title : titles) {
    text += fmt::format("\n{}:\n", title);
    for (const Command* command : commands) {
      if (title == command->group) {
        text += fmt::format("  {:{}}  {}\n", command->name, widest, command->summary);
      }
    }
  }
  return text;
}

/// One example of each of the first group's first two commands, or two of a lone one.
std::string first_examples(const std::vector<const Command*>& commands) {
  std::vector<const Example*> chosen;
  for (std::size_t round = 0; round < 2; ++round) {
    for (const Command* command : commands) {
      const bool first_group = std::string_view(command->group) == commands.front()->group;
      if (first_group && chosen.size() < 2 && round < command->examples.size()) {
        chosen.push_back(&command->examples[round]);
      }
    }
  }
  std::string text = chosen.empty() ? "" : "\nExamples:\n";
  for (const Example* example : chosen) {
    text += example_help(*example);
  }
  return text;
}

std::string topics_help() {
  std::string text = "\nTopics of 'toolkit help':\n";
  for (const Topic& topic : topics()) {
    text += fmt::format("  {:10}  {}\n", topic.name, topic.summary);
  }
  return text;
}

}  // namespace

std::string reference::exit_codes_help(std::string_view title, std::span<const ExitCode> codes,
                                       std::size_t columns) {
  std::size_t widest = 0;
  for (const ExitCode& code : codes) {
    widest = std::max(widest, width(code.code));
  }
  std::string text = codes.empty() ? "" : fmt::format("\n{}:\n", title);
  for (const ExitCode& code : codes) {
    text += fmt::format("  {}{}  ", code.code, std::string(widest - width(code.code), ' '));
    text += fill(words_of(code.meaning), widest + 4, columns);
  }
  return text;
}

std::string short_help(std::span<const Command> commands) {
  const auto visible = shown(commands);
  return "toolkit looks after training jobs inside containers.\n"
         "\nUsage: toolkit COMMAND [options] [operands] [-- CHILD ARGS…]\n" +
         commands_help(visible) + topics_help() + first_examples(visible) +
         "\n'toolkit COMMAND --help' explains a command, 'toolkit man COMMAND' in full.\n";
}

std::string command_help(const Command& command, int columns) {
  const auto width_limit = static_cast<std::size_t>(std::max(columns, 40));
  return fmt::format("Usage: toolkit {} {}\n\n", command.name, command.usage) +
         fill(words_of(command.description), 0, width_limit) + examples_help(command.examples) +
         options_help(command, width_limit) +
         exit_codes_help("Exit codes", command.exit_codes, width_limit);
}

}  // namespace toolkit::cli
