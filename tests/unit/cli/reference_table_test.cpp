// The rules of the option tables, held against every command that there is.
#include "src/cli/general_options.hpp"
#include "src/cli/reference_text.hpp"
#include "src/cli/words.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/cli/reference.hpp>
#include <toolkit/process/signals.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace toolkit::cli {
namespace {

using namespace reference;

bool begins_with_capital(std::string_view text) {
  return !text.empty() && text[0] >= 'A' && text[0] <= 'Z';
}

bool is_one_line_without_stop(std::string_view text) {
  return text.find('\n') == std::string_view::npos && !text.ends_with('.') && trim(text) == text;
}

/// Every option of every command, the general ones once, with the options struct that its assign
/// takes.
template <typename Check>
void for_each_option(Check check) {
  for (const Command& command : all_commands()) {
    const auto target = command.make_options();
    for (const Option& option : command.options) {
      const std::string where = std::string(command.name) + " --" + std::string(option.long_name());
      CAPTURE(where);
      check(option, target.get());
    }
  }
  GeneralOptions general;
  for (const Option& option : general_options()) {
    CAPTURE(std::string(option.names));
    check(option, static_cast<void*>(&general));
  }
}

}  // namespace

TEST_CASE("every option that takes a value names it, and no flag does") {
  for_each_option([](const Option& option, void*) {
    CHECK((*option.value_name == '\0') == (option.kind == ValueKind::flag));
  });
}

TEST_CASE(
    "every option has a group and a description of one line, with a capital and no full stop") {
  for_each_option([](const Option& option, void*) {
    CHECK(begins_with_capital(option.group));
    CHECK(begins_with_capital(option.description));
    CHECK(is_one_line_without_stop(option.description));
  });
}

TEST_CASE("a name is one long one, and perhaps one letter before it") {
  for_each_option([](const Option& option, void*) {
    const auto all = names(option);
    REQUIRE(all.size() <= 2);
    CHECK(all.back().starts_with("--"));
    CHECK(all.back().size() > 4);
    CHECK((all.size() == 1 || (all.front().size() == 2 && option.short_name() != '\0')));
  });
}

TEST_CASE("no command uses a name twice") {
  for (const Command& command : all_commands()) {
    std::set<std::string_view> seen;
    for (const Option* option : options_of(command)) {
      for (const std::string_view name : names(*option)) {
        CAPTURE(std::string(command.name));
        CAPTURE(std::string(name));
        CHECK(seen.insert(name).second);
      }
    }
  }
}

TEST_CASE("a default is a value that the option itself reads") {
  for_each_option([](const Option& option, void* target) {
    if (*option.default_text != '\0') {
      const auto assigned = option.assign(target, option.default_text);
      CHECK_MESSAGE(assigned, assigned.error().message);
    }
  });
}

TEST_CASE("choices are there where the kind says so, are read, and hold the default") {
  for_each_option([](const Option& option, void* target) {
    const auto all = choices(option);
    CHECK((option.kind != ValueKind::choice || all.size() >= 2));
    for (const std::string_view choice : all) {
      CAPTURE(std::string(choice));
      CHECK(option.assign(target, choice));
    }
    const std::string_view fallback = option.default_text;
    CHECK((all.empty() || fallback.empty() ||
           std::find(all.begin(), all.end(), fallback) != all.end()));
  });
}

TEST_CASE("every command has a summary, a description, an example and exit codes") {
  for (const Command& command : all_commands()) {
    CAPTURE(std::string(command.name));
    CHECK(begins_with_capital(command.summary));
    CHECK(is_one_line_without_stop(command.summary));
    CHECK(std::string_view(command.description).ends_with('.'));
    CHECK_FALSE(command.examples.empty());
    CHECK_FALSE(command.exit_codes.empty());
  }
}

TEST_CASE("every example says what it is for, and is a command line that we accept") {
  for (const Command& command : all_commands()) {
    for (const Example& example : command.examples) {
      const std::string line = example.command;
      CAPTURE(std::string(line));
      CHECK(begins_with_capital(example.what));
      CHECK(is_one_line_without_stop(example.what));
      std::vector<std::string> words = words_of(line.substr(0, line.find_first_of("|>")));
      std::vector<char*> arguments;
      for (std::string& word : words) {
        if (!word.empty()) {
          arguments.push_back(word.data());
        }
      }
      REQUIRE(words.front() == "toolkit");
      const Words cut = cut_words({arguments.data() + 1, arguments.size() - 1}, all_commands());
      CHECK(cut.unknown == "");
      CHECK(cut.command == command.name);
    }
  }
}

TEST_CASE("no line of any help is wider than a terminal") {
  std::string text = short_help(all_commands());
  for (const Command& command : all_commands()) {
    text += command_help(command);
  }
  for (const std::string_view line : split(text, '\n')) {
    CAPTURE(std::string(line));
    CHECK(width(line) <= 80);
  }
}

TEST_CASE("every option is in the help, in the man page and in the three scripts") {
  for (const Command* command : shown(all_commands())) {
    const std::string help = command_help(*command);
    const std::string page =
        replace(man_page(command->name, all_commands()).value_or(""), {{"\\-", "-"}});
    for (const Option* option : options_of(*command)) {
      const std::string name = "--" + std::string(option->long_name());
      CAPTURE(std::string(name));
      CHECK(help.find(" " + name) != std::string::npos);
      CHECK((page.empty() || page.find("fB" + name + "\\fR") != std::string::npos));
      for (const char* shell : {"bash", "zsh"}) {
        CHECK(completion_script(shell, all_commands())->find(name) != std::string::npos);
      }
      CHECK(completion_script("fish", all_commands())->find("-l " + name.substr(2)) !=
            std::string::npos);
    }
  }
}

TEST_CASE("the signals that the scripts offer are those that we read") {
  const auto known = process::signal_names();
  for (const std::string_view word : split(signal_words(), ' ')) {
    CAPTURE(std::string(word));
    CHECK(process::parse_signal(word));
    CHECK(std::find(known.begin(), known.end(), word) != known.end());
  }
}

}  // namespace toolkit::cli
