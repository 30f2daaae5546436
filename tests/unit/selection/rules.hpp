#pragma once
// Rules and their files for the tests of this part.

#include <toolkit/selection/filter.hpp>

#include <doctest/doctest.h>
#include <tests/support/memory_store.hpp>

#include <map>
#include <string>
#include <vector>

namespace toolkit::selection {

/// Reads what a test has put into it; files of the source are those of a store.
struct TestReader : RuleReader {
  explicit TestReader(support::MemoryStore* tree = nullptr) : store(tree) {}

  Result<std::string> read_file(const std::string& path) override {
    const auto found = files.find(path);
    return found != files.end() ? Result<std::string>(found->second)
                                : fail(ErrorKind::not_found, "cannot read " + path + ": not there");
  }
  Result<std::string> read_in_tree(const std::string& key) override {
    asked.push_back(key);
    if (store == nullptr || !store->holds(key)) {
      return fail(ErrorKind::not_found, "cannot read " + key + ": not there");
    }
    TRY_ASSIGN(const auto content, store->open(key, false));
    return store->bytes_of(key);
  }
  std::string cvs_patterns() override { return cvs; }

  support::MemoryStore* store;
  std::map<std::string, std::string> files;
  std::string cvs;
  std::vector<std::string> asked;
};

/// "--include=a", "--filter=- b", "--exclude-from=file"; all else is a rule of --filter.
inline std::vector<RuleText> rules_of(const std::vector<std::string>& arguments) {
  using Form = RuleText::Form;
  const std::vector<std::pair<std::string, Form>> options = {
      {"--include=", Form::include},
      {"--exclude=", Form::exclude},
      {"--include-from=", Form::include_from},
      {"--exclude-from=", Form::exclude_from},
  };
  std::vector<RuleText> rules;
  for (const std::string& argument : arguments) {
    rules.push_back({Form::filter, argument});
    for (const auto& [option, form] : options) {
      if (argument.compare(0, option.size(), option) == 0) {
        rules.back() = {form, argument.substr(option.size())};
      }
    }
  }
  return rules;
}

inline Filter filter_of(const std::vector<std::string>& arguments, RuleReader& reader,
                        const std::string& root = {}) {
  auto filter = Filter::make(rules_of(arguments), reader, root);
  REQUIRE_MESSAGE(filter, (filter ? "" : filter.error().message));
  return std::move(*filter);
}

}  // namespace toolkit::selection
