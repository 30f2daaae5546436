// The only file that knows CLI11.
//
// CLI11 includes <iostream>, whose static object makes eight streams and a locale at every start of
// the program: a sixth of all instructions before the child runs (44,000 of 250,000, callgrind).
// Nothing of ours prints through them, so libstdc++'s header guard keeps them out, and the two
// names that CLI11's functions mention, which we never call, are declared here.
#define _GLIBCXX_IOSTREAM 1  // NOLINT(bugprone-reserved-identifier)
#include <istream>
#include <ostream>
namespace std {             // NOLINT(cert-dcl58-cpp)
extern ostream cout, cerr;  // as in <iostream>
}

// The same locale is made when CLI11 asks it what a blank is, which a macro answers instead. All
// that CLI11 includes comes before, since a destructor of std::locale's looks like the macro's use
// too.
#include "given.hpp"

#include <toolkit/base/file.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <codecvt>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iterator>
#include <limits>
#include <locale>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>
namespace std {  // NOLINT(cert-dcl58-cpp)
struct toolkit_c_locale {};
template <typename Char>
bool isspace(Char c, toolkit_c_locale /*locale*/) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
template <typename Char>
bool isalpha(Char c, toolkit_c_locale /*locale*/) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
template <typename Char>
Char tolower(Char c, toolkit_c_locale /*locale*/) {
  return c >= 'A' && c <= 'Z' ? static_cast<Char>(c - 'A' + 'a') : c;
}
}  // namespace std
#define locale() toolkit_c_locale()
#include <CLI/CLI.hpp>
#undef locale

namespace toolkit::cli {
namespace {

// The public constructor makes a help flag, half of what a small command line costs; ours is in the
// tables.
struct BareApp : CLI::App {
  BareApp() : CLI::App("", "", nullptr) {}
};

CLI::Option* add_to(CLI::App& app, const Option& option) {
  if (option.kind == ValueKind::flag) {
    return app.add_flag(option.names)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  auto* added = app.add_option(option.names);
  added->type_size(1)->expected(1)->allow_extra_args(false);
  added->multi_option_policy(option.repeatable ? CLI::MultiOptionPolicy::TakeAll
                                               : CLI::MultiOptionPolicy::TakeLast);
  return added;
}

// CLI11's words for a missing value name its own types; ours name the option.
Failure explain(const CLI::ParseError& error, std::span<const Option* const> mentioned) {
  for (const Option* option : mentioned) {
    if (std::string_view(error.what()).find("--" + std::string(option->long_name())) !=
        std::string_view::npos) {
      return fail(ErrorKind::usage, fmt::format("--{} needs a value", option->long_name()),
                  fmt::format("--{} {}", option->long_name(), option->value_name));
    }
  }
  return fail(ErrorKind::usage, error.what());
}

}  // namespace

Result<std::vector<Given>> given_by_command_line(std::vector<std::string> words,
                                                 std::span<const Option* const> mentioned) {
  std::vector<Given> given;
  if (mentioned.empty()) {
    return given;
  }
  BareApp app;
  std::vector<CLI::Option*> added;
  for (const Option* option : mentioned) {
    added.push_back(add_to(app, *option));
  }
  std::ranges::reverse(words);  // CLI11 takes its vector from the back
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return explain(error, mentioned);
  }
  for (std::size_t i = 0; i < added.size(); ++i) {
    auto values = added[i]->results();
    if (!mentioned[i]->repeatable && values.size() > 1) {
      values.erase(values.begin(), values.end() - 1);
    }
    given.push_back({mentioned[i], std::move(values), "command line"});
  }
  return given;
}

Result<std::vector<ConfigItem>> read_config_file(const std::string& path) {
  TRY_ASSIGN(const std::string text, read_file(path));
  std::istringstream stream(text);
  std::vector<ConfigItem> items;
  try {
    for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(stream)) {
      if (item.name != "++" && item.name != "--") {  // CLI11's marks for the ends of sections
        items.push_back({item.parents.empty() ? "" : item.parents.front(), item.name, item.inputs});
      }
    }
  } catch (const CLI::Error& error) {
    return fail(ErrorKind::usage, fmt::format("cannot understand {}: {}", path, error.what()));
  }
  return items;
}

}  // namespace toolkit::cli
