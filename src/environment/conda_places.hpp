#pragma once
// Where conda installations and their environments are on this machine.

#include <toolkit/environment/snapshot.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::environment {

[[nodiscard]] bool is_directory(const std::string& path);
[[nodiscard]] bool is_conda_environment(const std::string& prefix);
/// The path without what follows its last slash; empty when there is none.
[[nodiscard]] std::string parent_of(std::string_view path);

/// Installations (the prefix of `base`), best first, those that exist.
[[nodiscard]] std::vector<std::string> conda_roots(const Snapshot& environment);

struct CondaEnvironment {
  std::string name;
  std::string prefix;
};
/// Every environment that can be found, in the order in which a name is looked up.
[[nodiscard]] std::vector<CondaEnvironment> conda_environments(const Snapshot& environment);

}  // namespace toolkit::environment
