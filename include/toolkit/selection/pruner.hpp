#pragma once
// --prune-empty-dirs without knowing the whole tree: which directories have to be made, as soon as
// the walk has found something to keep in them. What is never named stays empty and is left out.

#include <toolkit/selection/walk.hpp>

#include <string>
#include <vector>

namespace toolkit::selection {

class Pruner {
 public:
  /// For each directory of the walk in its order: the keys that are to exist from now on, parents
  /// first, each told once; the root is not among them.
  [[nodiscard]] std::vector<std::string> needed(const Directory& directory);

 private:
  std::vector<std::string> told_;  // those that the last one lay in
};

}  // namespace toolkit::selection
