#pragma once
// What a rule of `check-gpu` asks, how it judges, and where that is from.

#include <toolkit/base/result.hpp>

#include <string>

namespace toolkit::commands {

/// `all` gives one line a rule. An unknown id is a usage error that names near ones.
[[nodiscard]] Result<std::string> explain_rule(const std::string& id);

}  // namespace toolkit::commands
