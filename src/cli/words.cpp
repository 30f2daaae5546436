#include "words.hpp"

#include <algorithm>

namespace toolkit::cli {
namespace {

const Option* find_short(const Command* command, char letter) {
  const auto matches = [&](const Option& option) { return option.short_name() == letter; };
  if (command != nullptr) {
    if (const auto own = std::ranges::find_if(command->options, matches);
        own != command->options.end()) {
      return &*own;
    }
  }
  const auto general = std::ranges::find_if(general_options(), matches);
  return general == general_options().end() ? nullptr : &*general;
}

class Cutter {
 public:
  Cutter(std::span<char* const> arguments, std::span<const Command> commands)
      : arguments_(arguments), commands_(commands) {}

  Words cut() {
    while (next_ < arguments_.size() && words_.unknown.empty()) {
      const std::string_view word = arguments_[next_];
      if (word == "--") {
        words_.operands_marked = true;
        if (command_ == nullptr || command_->operands != Operands::list_then_command) {
          ++next_;
        }
        take_rest();
      } else if (word.size() > 1 && word[0] == '-') {
        take_option(word);
      } else if (!words_.command) {
        words_.command = word;
        command_ = find_command(commands_, word);
        ++next_;
      } else if (command_ != nullptr && command_->operands == Operands::child_command) {
        take_rest();
      } else {
        words_.operands.emplace_back(word);
        ++next_;
      }
    }
    return std::move(words_);
  }

 private:
  void take_rest() {
    for (; next_ < arguments_.size(); ++next_) {
      words_.operands.emplace_back(arguments_[next_]);
    }
  }

  void take_option(std::string_view word) {
    const bool is_long = word.starts_with("--");
    const auto equals = word.find('=');
    const Option* last = nullptr;
    if (is_long) {
      last = mention(
          find_option(command_, word.substr(2, equals == word.npos ? word.npos : equals - 2)));
    } else {
      for (std::size_t i = 1; i < word.size(); ++i) {
        last = mention(find_short(command_, word[i]));
        if (last == nullptr || last->kind != ValueKind::flag) {
          break;  // the rest of the word is this option's value
        }
      }
    }
    if (last == nullptr) {
      words_.unknown = word.substr(0, is_long ? equals : word.npos);
      return;
    }
    words_.options.emplace_back(word);
    ++next_;
    const bool value_inside = is_long ? equals != word.npos : word.size() > 2;
    if (last->kind != ValueKind::flag && !value_inside && next_ < arguments_.size()) {
      words_.options.emplace_back(arguments_[next_++]);
    }
  }

  const Option* mention(const Option* option) {
    if (option != nullptr &&
        std::ranges::find(words_.mentioned, option) == words_.mentioned.end()) {
      words_.mentioned.push_back(option);
    }
    return option;
  }

  std::span<char* const> arguments_;
  std::span<const Command> commands_;
  std::size_t next_ = 0;
  const Command* command_ = nullptr;
  Words words_;
};

}  // namespace

Words cut_words(std::span<char* const> arguments, std::span<const Command> commands) {
  return Cutter(arguments, commands).cut();
}

const Option* find_option(const Command* command, std::string_view long_name) {
  const auto matches = [&](const Option& option) { return option.long_name() == long_name; };
  if (command != nullptr) {
    if (const auto own = std::ranges::find_if(command->options, matches);
        own != command->options.end()) {
      return &*own;
    }
  }
  const auto general = std::ranges::find_if(general_options(), matches);
  return general == general_options().end() ? nullptr : &*general;
}

const Command* find_command(std::span<const Command> commands, std::string_view name) {
  const auto found =
      std::ranges::find_if(commands, [&](const Command& command) { return command.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

}  // namespace toolkit::cli
