#include "tree_path.hpp"

#include <toolkit/selection/pruner.hpp>

namespace toolkit::selection {

std::vector<std::string> Pruner::needed(const Directory& directory) {
  while (!told_.empty() && !is_within(directory.key, told_.back())) {
    told_.pop_back();
  }
  if (!directory.worth_keeping || directory.key.empty()) {
    return {};
  }
  std::vector<std::string> keys;
  std::size_t at = told_.empty() ? 0 : told_.back().size() + 1;
  while (at < directory.key.size()) {
    const std::size_t end = directory.key.find('/', at);
    keys.push_back(directory.key.substr(0, end));
    at = end == std::string::npos ? end : end + 1;
  }
  told_.insert(told_.end(), keys.begin(), keys.end());
  return keys;
}

}  // namespace toolkit::selection
