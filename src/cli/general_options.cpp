#include "general_options.hpp"

#include "environment_layer.hpp"

#include <unistd.h>

namespace toolkit::cli {
namespace {

using G = GeneralOptions;

constexpr Option kGeneral[] = {
    {"--config", ValueKind::file, "FILE", "General", "Read options from a TOML file", "",
     into<&G::config>},
    {"--show-config", ValueKind::flag, "", "General",
     "Print each effective value and where it came from, then exit", "", into<&G::show_config>},
    {"--log-level", ValueKind::choice, "LEVEL", "General",
     "Least serious of our own messages to show", "info", into<&G::log_level>, false,
     "debug,info,warn,error,off"},
    {"--log-format", ValueKind::choice, "FORMAT", "General", "Form of our own messages", "text",
     into<&G::log_format>, false, "text,json"},
    {"--color", ValueKind::choice, "WHEN", "General", "Colour in our own messages", "auto",
     into<&G::colour>, false, "auto,always,never"},
    {"-v,--verbose", ValueKind::flag, "", "General", "Explain decisions, as --log-level debug", "",
     into<&G::verbose>},
    {"-q,--quiet", ValueKind::flag, "", "General", "Only errors, as --log-level error", "",
     into<&G::quiet>},
    {"-h,--help", ValueKind::flag, "", "General", "Show this help and exit", "", into<&G::help>},
};

log::Level level_of(const GeneralOptions& options) {
  if (options.quiet) {
    return log::Level::error;
  }
  if (options.verbose || options.log_level == "debug") {
    return log::Level::debug;
  }
  return options.log_level == "warn"    ? log::Level::warn
         : options.log_level == "error" ? log::Level::error
         : options.log_level == "off"   ? log::Level::off
                                        : log::Level::info;
}

bool wants_colour(const GeneralOptions& options, char** environment) {
  if (options.colour != "auto") {
    return options.colour == "always";
  }
  const std::string_view no_colour = environment_value(environment, "NO_COLOR");
  return no_colour.empty() && environment_value(environment, "TERM") != "dumb" &&
         ::isatty(STDERR_FILENO) != 0;
}

}  // namespace

std::span<const Option> general_options() { return kGeneral; }

log::Settings log_settings(const GeneralOptions& options, std::string_view command,
                           char** environment) {
  return {.level = level_of(options),
          .format = options.log_format == "json" ? log::Format::json : log::Format::text,
          .colour = wants_colour(options, environment),
          .name = std::string(command)};
}

}  // namespace toolkit::cli
