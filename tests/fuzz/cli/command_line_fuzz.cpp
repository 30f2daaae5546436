// The bytes between NULs are the words of a command line. Every word must be found again, in its
// order, as command, option, value, operand or `--`; what follows `--` must be untouched; and the
// options must be taken, or refused with words.
#include <src/cli/settings.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace toolkit;

namespace {

void require(bool truth) {
  if (!truth) {
    std::abort();
  }
}

std::vector<std::string> words_of(std::string_view bytes) {
  std::vector<std::string> words;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    words.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return words;
}

/// Whether the operands end with all that stands behind a `--` (an earlier one may be a value).
bool untouched_behind_a_mark(const cli::Words& cut, const std::vector<std::string>& words) {
  for (auto mark = std::find(words.begin(), words.end(), "--"); mark != words.end();
       mark = std::find(mark + 1, words.end(), "--")) {
    const auto behind = words.end() - mark - 1;
    if (behind <= std::ssize(cut.operands) &&
        std::equal(mark + 1, words.end(), cut.operands.end() - behind)) {
      return true;
    }
  }
  return false;
}

void require_every_word(const cli::Words& cut, const std::vector<std::string>& words) {
  if (!cut.unknown.empty()) {
    return;
  }
  const cli::Command* command =
      cut.command ? cli::find_command(cli::all_commands(), *cut.command) : nullptr;
  // Between a list and a command the mark is an operand itself.
  const bool keeps_mark =
      command != nullptr && command->operands == cli::Operands::list_then_command;
  const std::size_t found = cut.options.size() + cut.operands.size() + (cut.command ? 1U : 0U) +
                            (cut.operands_marked && !keeps_mark ? 1U : 0U);
  require(found == words.size());
  require(!cut.operands_marked || untouched_behind_a_mark(cut, words));
}

bool reads_a_file(const cli::Words& cut) {
  return std::any_of(cut.mentioned.begin(), cut.mentioned.end(),
                     [](const cli::Option* option) { return option->long_name() == "config"; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> words = words_of({reinterpret_cast<const char*>(data), size});
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  const cli::Words cut = cli::cut_words(arguments, cli::all_commands());
  require_every_word(cut, words);
  const cli::Command* command =
      cut.command ? cli::find_command(cli::all_commands(), *cut.command) : nullptr;
  if (command == nullptr || !cut.unknown.empty() || reads_a_file(cut)) {
    return 0;
  }
  const auto settings = cli::read_settings(*command, cut, nullptr);
  if (settings) {
    require(!cli::show_settings(*command, *settings).empty());
  } else {
    require(!settings.error().message.empty());
  }
  return 0;
}
