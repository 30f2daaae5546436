#include "tree_path.hpp"
#include "tree_walk.hpp"

#include <toolkit/selection/explain.hpp>

#include <algorithm>

namespace toolkit::selection {
namespace {

std::string words_of(const Verdict& verdict) {
  return verdict.rule.empty() ? "no rule matches"
                              : "rule " + verdict.rule + " (" + verdict.origin + ")";
}

bool has_file(const Directory& directory, const std::string& key) {
  return std::any_of(directory.files.begin(), directory.files.end(),
                     [&key](const Found& file) { return file.key == key; });
}

bool has_directory(const Directory& directory, const std::string& key) {
  return std::find(directory.directories.begin(), directory.directories.end(), key) !=
         directory.directories.end();
}

}  // namespace

Result<Explanation> explain(store::Store& source, const Filter& filter, RuleReader& reader,
                            const WalkOptions& options, const std::string& path) {
  TreeWalk walk(source, filter, reader, options);
  Explanation explanation;
  walk.tell = [&explanation](const LeftOut& left_out) {
    if (left_out.key == explanation.key) {
      explanation.why = left_out.why;
    }
  };
  const std::vector<std::string> names = names_of(path);
  for (std::size_t i = 0; i < names.size(); ++i) {
    explanation.key = child_key(explanation.key, names[i]);
    walk.watch(explanation.key);
    TRY_ASSIGN(const auto directory, walk.next());
    explanation.verdict = walk.watched().value_or(Verdict{});
    if (!explanation.why.empty()) {
      return explanation;
    }
    const bool is_directory = directory && has_directory(*directory, explanation.key);
    const bool is_last = i + 1 == names.size();
    if (!is_directory && !(is_last && directory && has_file(*directory, explanation.key))) {
      return fail(ErrorKind::not_found,
                  "cannot explain " + source.name_of(path) + ": it is not there");
    }
    walk.go_only_to(explanation.key);
  }
  explanation.included = true;
  explanation.why = words_of(explanation.verdict);
  return explanation;
}

}  // namespace toolkit::selection
