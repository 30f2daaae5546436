#pragma once
// The groups of `toolkit env`'s answer for people, a file each.

#include "env_situation.hpp"

#include <string>
#include <vector>

namespace toolkit::commands {

struct Row {
  std::string name, value, remark;
};

/// Comma separated, without secrets.
[[nodiscard]] std::string joined(const std::vector<std::string>& items);

[[nodiscard]] std::vector<Row> identity_rows(const Situation& situation);
/// What the identity does not show already: ours, and what the user has set instead.
[[nodiscard]] std::vector<Row> export_rows(const Situation& situation);
[[nodiscard]] std::vector<Row> provider_rows(const cluster::Identity& identity);
[[nodiscard]] std::vector<Row> limit_rows(const Situation& situation);
[[nodiscard]] std::vector<Row> machine_rows(const Situation& situation);
[[nodiscard]] std::vector<Row> network_rows(const machine::Network& network);

}  // namespace toolkit::commands
