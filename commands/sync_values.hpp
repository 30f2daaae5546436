#pragma once
// Readers of the values that only `sync` has, found by argument-dependent lookup.

#include "sync.hpp"

namespace toolkit::commands {

Result<void> read_value(std::string_view text, Bandwidth& out);
Result<void> read_value(std::string_view text, Since& out);
/// Adds a rule in the form that the option says; their order is that of the command line.
template <selection::RuleText::Form form>
Result<void> add_rule(void* options, std::string_view value) {
  static_cast<SyncOptions*>(options)->rules.push_back({form, std::string(value)});
  return {};
}

}  // namespace toolkit::commands

namespace toolkit::selection {
Result<void> read_value(std::string_view text, Links& out);
}

namespace toolkit::sync {
Result<void> read_value(std::string_view text, OnRewrite& out);
}
