#pragma once
// Why one path is transferred or is not: what --explain says.

#include <toolkit/selection/walk.hpp>

#include <string>

namespace toolkit::selection {

struct Explanation {
  bool included = false;
  std::string key;  // what decided: the path itself, or the directory above that is left out
  std::string why;  // "rule - *.tmp (--exclude)", "no rule matches", "larger than --max-size"
  Verdict verdict;  // of the rules, about `key`
};

/// Goes from the root to `path` as the walk does, and reads nothing beside that way. Errors:
/// not_found for a path that is not there, and those of the walk.
[[nodiscard]] Result<Explanation> explain(store::Store& source, const Filter& filter,
                                          RuleReader& reader, const WalkOptions& options,
                                          const std::string& path);

}  // namespace toolkit::selection
