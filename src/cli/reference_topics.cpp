#include "reference_topics.hpp"

#include "reference_templates.hpp"
#include "reference_text.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/cli/reference.hpp>

#include <fmt/core.h>

namespace toolkit::cli {
namespace reference {
namespace {

constexpr Topic kTopics[] = {
    {"exit-codes", "What the exit code of each command means"},
    {"signals", "Who gets a signal, and how a job is stopped"},
    {"kubernetes", "Grace period, termination message, ranks and sidecars of a Pod"},
    {"slurm", "Ranks, signals and logs below srun and sbatch"},
    {"sagemaker", "Entry point, failure file and grace of a training job"},
};

constexpr ExitCode kCommonExitCodes[] = {
    {"0", "Done"},
    {"1", "It did not work, or the answer is no"},
    {"2", "The command line was wrong (125 for run)"},
    {"3", "It cannot be told"},
    {"75", "It failed in a way that is worth trying again"},
    {"124", "A deadline passed"},
    {"126", "The program behind -- was found but could not be executed"},
    {"127", "The program behind -- was not found"},
    {"128+N", "Ended by signal N"},
};

std::string all_exit_codes(std::span<const Command> commands) {
  std::string text = exit_codes_help("Common", kCommonExitCodes, 80);
  for (const Command* command : shown(commands)) {
    text += exit_codes_help(fmt::format("toolkit {}", command->name), command->exit_codes, 80);
  }
  return text;
}

Error unknown_topic(std::string_view word, std::span<const Command> commands) {
  const std::string all = help_words(commands);
  const std::string_view close = nearest(word, split(all, ' '));
  return {ErrorKind::usage, fmt::format("no help on '{}'", printable(word)),
          close.empty() ? "toolkit help lists commands and topics"
                        : fmt::format("toolkit help {}", close)};
}

}  // namespace

std::span<const Topic> topics() { return kTopics; }
std::span<const ExitCode> common_exit_codes() { return kCommonExitCodes; }

std::string help_words(std::span<const Command> commands) {
  std::string words = command_names(commands);
  for (const Topic& topic : kTopics) {
    words += fmt::format(" {}", topic.name);
  }
  return words;
}

}  // namespace reference

Result<std::string> help_on(std::string_view word, std::span<const Command> commands) {
  using namespace reference;
  for (const Command& command : commands) {
    if (command.name == word) {
      return command_help(command);
    }
  }
  for (const Topic& topic : topics()) {
    if (topic.name == word) {
      const auto text = template_text(fmt::format("help-{}.txt", topic.name));
      return fmt::format(
          "{}\n\n{}", topic.summary,
          replace(std::string(text), {{"@EXIT_CODES@\n", all_exit_codes(commands)}}));
    }
  }
  return Failure(unknown_topic(word, commands));
}

}  // namespace toolkit::cli
