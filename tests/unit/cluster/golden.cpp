#include "golden.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/format.h>
#include <tests/support/temp_dir.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace toolkit::cluster::golden {
namespace {

std::string decoded(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 1 < text.size();
    bytes += !escape ? text[i] : text[++i] == 'n' ? '\n' : ' ';
  }
  return bytes;
}

void take_words(std::string_view line, Case& golden) {
  for (const auto word : split(line, ' ')) {
    const auto equals = word.find('=');
    if (equals == word.npos) {
      continue;
    }
    const auto value = decoded(word.substr(equals + 1));
    if (word.starts_with("file:/")) {
      golden.files.emplace(word.substr(6, equals - 6), value);
    } else {
      golden.variables.emplace(word.substr(0, equals), value);
    }
  }
}

}  // namespace

std::vector<Case> read_cases() {
  std::vector<Case> cases;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(TOOLKIT_GOLDENS)) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& file : files) {
    std::ifstream stream(file);
    std::string name, words, expected, empty;
    while (std::getline(stream, name) && std::getline(stream, words) &&
           std::getline(stream, expected)) {
      Case golden{file.stem(), name, {}, {}, std::string(trim(expected))};
      take_words(trim(words), golden);
      cases.push_back(std::move(golden));
      std::getline(stream, empty);
    }
  }
  return cases;
}

Identity identity_of(const Case& golden, const Wishes& wishes) {
  const toolkit::support::TempDir root;
  for (const auto& [path, bytes] : golden.files) {
    root.write(path, bytes);
  }
  const auto variable = [&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = golden.variables.find(std::string(name));
    return found == golden.variables.end() ? std::nullopt
                                           : std::optional<std::string_view>(found->second);
  };
  return identify(Surroundings(variable, root.path(), "own-host"), wishes);
}

std::string summary(const Identity& identity) {
  std::string text = "=";
  for (const auto& seen : identity.seen) {
    text += fmt::format(" {}{}", seen.believed ? "" : "-", seen.provider);
  }
  text += ":";
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (const auto& value = identity.values[i]) {
      constexpr std::string_view kMarks[] = {"=", ":=", "~="};
      text += fmt::format(" {}{}{}", field_name(static_cast<Field>(i)),
                          kMarks[static_cast<std::size_t>(value->confidence)], value->text);
    }
  }
  for (const auto& trouble : identity.troubles) {
    text += " ! " + trouble;
  }
  for (const auto& conflict : identity.conflicts) {
    text += fmt::format(" ? {} {}:{}", field_name(conflict.field), conflict.other.provider,
                        conflict.other.text);
  }
  return text;
}

}  // namespace toolkit::cluster::golden
