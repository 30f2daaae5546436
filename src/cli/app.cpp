#include "settings.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/cli/app.hpp>
#include <toolkit/cli/reference.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::cli {
namespace {

int report(std::string_view who, const Error& error, int exit_code) {
  std::string text = fmt::format("toolkit{}{}: {}\n", who.empty() ? "" : " ", who, error.message);
  if (!error.remedy.empty()) {
    text += fmt::format("  try: {}\n", error.remedy);
  }
  log::write_raw(text);
  return exit_code;
}

int print(std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error == 0 || error == EPIPE) {
    return error == 0 ? 0 : 1;  // a pipe that closes early ends us quietly
  }
  return report("", fail_errno("cannot write to stdout", error).value(), 1);
}

Error unknown_option(const Command* command, std::string_view word) {
  std::vector<std::string> names;
  for (const auto& table :
       {command != nullptr ? command->options : std::span<const Option>{}, general_options()}) {
    for (const Option& option : table) {
      names.push_back("--" + std::string(option.long_name()));
    }
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view close = nearest(word, views);
  const std::string help = fmt::format("toolkit{}{} --help", command != nullptr ? " " : "",
                                       command != nullptr ? command->name : "");
  return {ErrorKind::usage, fmt::format("unknown option '{}'", printable(word)),
          close.empty() ? help : fmt::format("{}, or see '{}'", close, help), 0};
}

Error unknown_command(std::string_view word, std::span<const Command> commands) {
  std::vector<std::string_view> names;
  for (const Command& command : commands) {
    names.emplace_back(command.name);
  }
  const std::string_view close = nearest(word, names);
  return {ErrorKind::usage, fmt::format("unknown command '{}'", printable(word)),
          close.empty() ? "toolkit --help" : fmt::format("toolkit {}", close), 0};
}

int help(std::span<const std::string> topics, std::span<const Command> commands) {
  if (topics.empty()) {
    return print(short_help(commands));
  }
  if (topics.size() > 1) {
    return report("help",
                  {ErrorKind::usage, fmt::format("one word too many: '{}'", printable(topics[1])),
                   fmt::format("toolkit help {}", printable(topics[0]))},
                  2);
  }
  const auto text = help_on(topics.front(), commands);
  return text ? print(*text) : report("help", text.error(), 2);
}

int without_command(const Words& words, std::span<const Command> commands) {
  if (!words.unknown.empty()) {
    return words.unknown == "--version" ? print(fmt::format("toolkit {}\n", TOOLKIT_VERSION))
                                        : report("", unknown_option(nullptr, words.unknown), 2);
  }
  return print(short_help(commands));
}

int run_command(const Command& command, const Words& words, char** environment) {
  if (!words.unknown.empty()) {
    return report(command.name, unknown_option(&command, words.unknown), command.usage_exit_code);
  }
  auto settings = read_settings(command, words, environment);
  if (!settings) {
    return report(command.name, settings.error(), command.usage_exit_code);
  }
  if (settings->general.help) {
    return print(command_help(command));
  }
  if (settings->general.show_config) {
    return print(show_settings(command, *settings));
  }
  log::configure(log_settings(settings->general, command.name, environment));
  for (const std::string& warning : settings->warnings) {
    log_warn("{}", warning);
  }
  if (command.start_up != nullptr) {
    command.start_up();
  }
  const auto done = command.execute(settings->options.get(), words.operands);
  return done ? *done : report(command.name, done.error(), command.exit_code_of(done.error()));
}

}  // namespace

int run_app(int argc, char** argv, char** environment) {
  const auto commands = all_commands();
  const Words words =
      cut_words({argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)}, commands);
  if (!words.command) {
    return without_command(words, commands);
  }
  if (words.command == "help") {
    return help(words.operands, commands);
  }
  const Command* command = find_command(commands, *words.command);
  if (command == nullptr) {
    return report("", unknown_command(*words.command, commands), 2);
  }
  return run_command(*command, words, environment);
}

}  // namespace toolkit::cli
