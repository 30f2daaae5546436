#include "settings.hpp"

#include "environment_layer.hpp"

#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace toolkit::cli {
namespace {

bool is_set(const std::vector<Given>& given, const Option* option) {
  return std::ranges::any_of(given, [&](const Given& one) { return one.option == option; });
}

void add_layer(std::vector<Given>& given, std::vector<Given> layer) {
  for (Given& one : layer) {
    if (!is_set(given, one.option)) {
      given.push_back(std::move(one));
    }
  }
}

std::vector<std::string_view> option_names(const Command& command) {
  std::vector<std::string_view> names;
  for (const auto& table : {command.options, general_options()}) {
    for (const Option& option : table) {
      names.push_back(option.long_name());
    }
  }
  return names;
}

Result<std::vector<Given>> given_by_file(const Command& command, const std::string& path) {
  TRY_ASSIGN(const auto items, read_config_file(path));
  const auto broken =
      std::ranges::find_if(items, [](const ConfigItem& item) { return item.key.starts_with('['); });
  if (broken != items.end()) {
    return fail(ErrorKind::usage,
                fmt::format("{}: '{}' is no section", path, printable(broken->key)),
                fmt::format("[{}]", command.name));
  }
  std::vector<Given> given;
  std::string unknown;
  std::string remedy;
  for (const ConfigItem& item : items) {
    if (!item.section.empty() && item.section != command.name) {
      continue;
    }
    if (const Option* option = find_option(&command, item.key)) {
      given.push_back(
          {option, item.values, fmt::format("{}: {}.{}", path, command.name, item.key)});
      continue;
    }
    unknown += (unknown.empty() ? "" : ", ") + item.key;
    if (const auto close = nearest(item.key, option_names(command)); !close.empty()) {
      remedy += fmt::format("{}{}", remedy.empty() ? "" : ", ", close);
    }
  }
  if (!unknown.empty()) {
    return fail(ErrorKind::usage,
                fmt::format("{}: unknown keys in [{}]: {}", path, command.name, unknown), remedy);
  }
  return given;
}

Result<void> check_choice(const Option& option, std::string_view value) {
  const auto choices = split(option.choices, ',');
  if (option.kind != ValueKind::choice || std::ranges::find(choices, value) != choices.end()) {
    return {};
  }
  return fail(ErrorKind::usage,
              fmt::format("'{}' is not one of {}", printable(value), fmt::join(choices, ", ")),
              std::string(nearest(value, choices)));
}

Result<void> assign(const Given& one, const Command& command, Settings& settings) {
  const bool own = one.option >= command.options.data() &&
                   one.option < command.options.data() + command.options.size();
  void* target = own ? settings.options.get() : &settings.general;
  for (const std::string& value : one.values) {
    auto done = check_choice(*one.option, value).and_then([&] {
      return one.option->assign(target, value);
    });
    if (!done) {
      const std::string name =
          one.source == "command line" ? fmt::format("--{}", one.option->long_name()) : one.source;
      return fail(ErrorKind::usage, fmt::format("{}: {}", name, done.error().message),
                  done.error().remedy);
    }
  }
  // A command's own --log-format also chooses the form of our own words, as far as they have it.
  if (own && one.option->long_name() == "log-format") {
    settings.general.log_format = one.values.back();
  }
  return {};
}

}  // namespace

Result<Settings> read_settings(const Command& command, const Words& words, char** environment) {
  Settings settings;
  settings.options = command.make_options();
  TRY_ASSIGN(settings.given, given_by_command_line(words.options, words.mentioned));
  std::vector<std::string> unknown;
  add_layer(settings.given, given_by_environment(command, environment, unknown));
  const Option* config = find_option(nullptr, "config");
  if (const auto file = std::ranges::find(settings.given, config, &Given::option);
      file != settings.given.end()) {
    auto layer = given_by_file(command, file->values.back());
    if (!layer) {
      layer.error().message.insert(0, "--config: ");
      return Failure(std::move(layer).error());
    }
    add_layer(settings.given, std::move(*layer));
  }
  for (const Given& one : settings.given) {
    TRY(assign(one, command, settings));
  }
  for (const std::string& name : unknown) {
    settings.warnings.push_back(fmt::format("{} names no option of {}", name, command.name));
  }
  return settings;
}

std::string show_settings(const Command& command, const Settings& settings) {
  std::string text;
  for (const auto& table : {command.options, general_options()}) {
    for (const Option& option : table) {
      if (table.data() == general_options().data() &&
          find_option(&command, option.long_name()) != &option) {
        continue;  // the command has an option of its own by this name
      }
      const auto set = std::ranges::find(settings.given, &option, &Given::option);
      const bool given = set != settings.given.end();
      const std::string value = given ? fmt::format("{}", fmt::join(set->values, " "))
                                : option.kind == ValueKind::flag ? "false"
                                                                 : option.default_text;
      text +=
          fmt::format("{:<18} {:<28} {}\n", option.long_name(),
                      mask_secrets(value.empty() ? "-" : value), given ? set->source : "default");
    }
  }
  return text;
}

}  // namespace toolkit::cli
