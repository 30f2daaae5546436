#pragma once
// A small made-up command, so that the generators are judged on every shape an option can have and
// not on what today's commands happen to use.

#include <toolkit/cli/command.hpp>

#include <array>
#include <optional>
#include <vector>

namespace toolkit::cli::fixture {

struct Values {
  std::string text;
  std::vector<std::string> texts;
  bool flag = false;
  int number = 0;
  Milliseconds duration{0};
};

inline constexpr Option kOptions[] = {
    {"-n,--dry-run", ValueKind::flag, "", "First", "Say what would be done", "",
     into<&Values::flag>},
    {"--output", ValueKind::file, "FILE", "First", "Write there; it's made when missing", "",
     into<&Values::text>},
    {"--folder", ValueKind::directory, "DIR", "Second", "Work in [DIR]: anywhere", "",
     into<&Values::text>},
    {"--pause", ValueKind::duration, "DURATION", "First", "Wait this long", "30s",
     into<&Values::duration>},
    {"--mode", ValueKind::choice, "MODE", "Second", "How to do it", "fast", into<&Values::text>,
     false, "fast,safe"},
    {"--signal", ValueKind::signal, "SIGNAL", "Second", "Signal that ends it", "TERM",
     into<&Values::text>},
    {"--swap", ValueKind::signal, "FROM=TO", "Second", "Take one signal for another", "",
     into<&Values::texts>, true},
    {"--user", ValueKind::user, "UID[:GID]", "Second", "Who does it", "", into<&Values::text>},
    {"--hook", ValueKind::command, "COMMAND", "Second", "Run this before", "", into<&Values::texts>,
     true},
    {"--log-format", ValueKind::choice, "FORMAT", "Second", "Form of the log", "a",
     into<&Values::text>, false, "a,b"},
};
inline constexpr Example kExamples[] = {{"toolkit act --mode safe -- make", "Act with care"}};
inline constexpr ExitCode kCodes[] = {{"0", "Done"}, {"128+N", "Ended by signal N"}};

inline const std::array<Command, 3>& commands() {
  static const std::array<Command, 3> all{
      Command{.name = "act",
              .group = "Jobs",
              .summary = "Act on a child",
              .usage = "[options] -- COMMAND [ARGS…]",
              .description = "Acts on a child command in a way that takes more than one line of "
                             "eighty columns to say.",
              .operands = Operands::child_command,
              .options = kOptions,
              .examples = kExamples,
              .exit_codes = kCodes,
              .make_options = nullptr,
              .execute = nullptr},
      Command{.name = "pick",
              .group = "Setup",
              .summary = "Pick a colour",
              .usage = "red|blue",
              .description = "Picks a colour.",
              .operands = Operands::list,
              .options = {},
              .examples = {},
              .exit_codes = {},
              .operand_choices = "red,blue",
              .make_options = nullptr,
              .execute = nullptr},
      Command{.name = "secret",
              .group = "",
              .summary = "Not for show",
              .usage = "",
              .description = "Hidden.",
              .options = {},
              .examples = {},
              .exit_codes = {},
              .make_options = nullptr,
              .execute = nullptr}};
  return all;
}

}  // namespace toolkit::cli::fixture
