#pragma once
// The answer of `env` for shells, env files and manifests, and where a variable's value comes from.

#include "env_situation.hpp"

#include <toolkit/environment/shell_form.hpp>

#include <string>
#include <utility>
#include <vector>

namespace toolkit::commands {

struct Written {
  std::string text;                   // for stdout
  std::vector<std::string> left_out;  // "NAME: why", for stderr
};

/// The exports; with `all`, the whole environment as it is after them. What the form cannot carry,
/// and secrets unless `show_secrets`, are left out and named: a masked value would be a wrong one.
[[nodiscard]] Written assignments(const Situation& situation, environment::Form form, bool all,
                                  bool show_secrets);

/// The chain of steps that led to a variable's value, or why it has none.
[[nodiscard]] std::string explain(const Situation& situation, const std::string& name,
                                  bool show_secrets);

}  // namespace toolkit::commands
