#include "reference_text.hpp"

#include "environment_layer.hpp"

#include <toolkit/base/text.hpp>

#include <algorithm>

namespace toolkit::cli::reference {
namespace {

constexpr Option kVersion{"--version", ValueKind::flag, "", "General", "Print the version",
                          "",          nullptr};

bool same_name(const Option& one, const Option& other) {
  return one.long_name() == other.long_name();
}

}  // namespace

const Option& version_option() { return kVersion; }

std::vector<std::string_view> names(const Option& option) { return split(option.names, ','); }

std::string variable(std::string_view command, const Option& option) {
  for (const std::string_view asked : {"help", "version", "show-config"}) {
    if (option.long_name() == asked) {
      return {};
    }
  }
  return environment_name(command, option);
}

std::vector<std::string_view> choices(const Option& option) {
  const std::string_view all(option.choices);
  return all.empty() ? std::vector<std::string_view>{} : split(all, ',');
}

std::string unsaid_choices(const Option& option) {
  // Of other kinds the choices are only offers: --restart takes on-failure:3 as well as on-failure.
  const bool said = option.kind != ValueKind::choice ||
                    std::string_view(option.value_name).find('|') != std::string_view::npos;
  return said ? std::string() : join(choices(option), ", ");
}

std::vector<Group> groups(std::span<const Option> options) {
  std::vector<Group> result;
  for (const Option& option : options) {
    const auto same = [&](const Group& group) { return group.title == option.group; };
    auto at = std::find_if(result.begin(), result.end(), same);
    if (at == result.end()) {
      at = result.insert(result.end(), Group{option.group, {}});
    }
    at->options.push_back(&option);
  }
  return result;
}

std::vector<const Option*> general_options_of(const Command& command) {
  std::vector<const Option*> result;
  for (const Option& general : general_options()) {
    const auto replaces = [&](const Option& own) { return same_name(own, general); };
    if (std::none_of(command.options.begin(), command.options.end(), replaces)) {
      result.push_back(&general);
    }
  }
  return result;
}

std::vector<const Option*> options_of(const Command& command) {
  std::vector<const Option*> result;
  for (const Option& option : command.options) {
    result.push_back(&option);
  }
  const auto general = general_options_of(command);
  result.insert(result.end(), general.begin(), general.end());
  return result;
}

std::vector<const Command*> shown(std::span<const Command> commands) {
  std::vector<const Command*> result;
  for (const Command& command : commands) {
    if (*command.group != '\0') {
      result.push_back(&command);
    }
  }
  return result;
}

std::string command_names(std::span<const Command> commands) {
  std::vector<std::string_view> words;
  for (const Command* command : shown(commands)) {
    words.emplace_back(command->name);
  }
  return join(words, " ");
}

std::string_view signal_words() {
  return "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT "
         "STOP "
         "TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS RTMIN RTMAX";
}

char signal_separator(const Option& option) {
  const std::string_view value(option.value_name);
  const auto at = value.find_first_of("=@");
  return at == std::string_view::npos ? '\0' : value[at];
}

std::string replace(std::string text, Replacements replacements) {
  for (const auto& [key, value] : replacements) {
    for (auto at = text.find(key); at != std::string::npos;
         at = text.find(key, at + value.size())) {
      text.replace(at, key.size(), value);
    }
  }
  return text;
}

std::string join(const std::vector<std::string_view>& words, std::string_view between) {
  std::string text;
  for (const std::string_view word : words) {
    text += text.empty() ? "" : between;
    text += word;
  }
  return text;
}

std::size_t width(std::string_view text) {
  const auto starts_character = [](char byte) { return (byte & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string fill(const std::vector<std::string>& words, std::size_t indent, std::size_t columns) {
  std::string text;
  std::size_t column = indent;
  for (const std::string& word : words) {
    if (column > indent && column + 1 + width(word) > columns) {
      text += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      text += ' ';
      ++column;
    }
    text += word;
    column += width(word);
  }
  return text + '\n';
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view word : split(text, ' ')) {
    words.emplace_back(word);
  }
  return words;
}

}  // namespace toolkit::cli::reference
