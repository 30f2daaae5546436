#include "tree_path.hpp"

#include <toolkit/base/text.hpp>

namespace toolkit::selection {

std::string child_key(const std::string& directory, std::string_view name) {
  std::string key = directory;
  return key.append(key.empty() ? "" : "/").append(name);
}

std::vector<std::string> names_of(std::string_view path) {
  std::vector<std::string> names;
  for (const std::string_view name : split(path, '/')) {
    if (!name.empty() && name != ".") {
      names.emplace_back(name);
    }
  }
  return names;
}

std::optional<std::string> join_key(const std::string& key, std::string_view path) {
  std::vector<std::string> names = names_of(key);
  for (const std::string& name : names_of(path)) {
    if (name != "..") {
      names.push_back(name);
    } else if (names.empty()) {
      return std::nullopt;
    } else {
      names.pop_back();
    }
  }
  std::string joined;
  for (const std::string& name : names) {
    joined = child_key(joined, name);
  }
  return joined;
}

bool is_within(std::string_view key, std::string_view directory) {
  return directory.empty() || key == directory ||
         (key.size() > directory.size() && key.substr(0, directory.size()) == directory &&
          key[directory.size()] == '/');
}

}  // namespace toolkit::selection
