// Who we are, and how that is known.
#include "env_text_parts.hpp"

#include <toolkit/base/secret.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace toolkit::commands {
namespace {

using cluster::Field;

std::string origin(const cluster::Value& value) {
  const std::string sources = joined(value.sources);
  return value.rule.empty() ? sources : fmt::format("{} ({})", value.rule, sources);
}

std::string label(Field field) {
  const auto variable = cluster::variable_name(field);
  return std::string(variable.empty() ? cluster::field_name(field) : variable);
}

// A guess of ours, such as a port, has its row among the exports.
bool is_exported(const cluster::Exports& exports, std::string_view name) {
  return std::ranges::find(exports.all, name, &cluster::Export::name) != exports.all.end();
}

}  // namespace

std::vector<Row> identity_rows(const Situation& situation) {
  const cluster::Identity& identity = situation.identity;
  std::vector<Row> rows;
  for (std::size_t i = 0; i < cluster::kFieldCount; ++i) {
    const auto field = static_cast<Field>(i);
    if (identity.values[i]) {
      rows.push_back(
          {label(field), mask_secrets(identity.values[i]->text), origin(*identity.values[i])});
    } else if (!identity.seen.empty() && !identity.missing[i].empty() &&
               !cluster::variable_name(field).empty() &&
               !is_exported(situation.exports, label(field))) {
      rows.push_back({label(field), "not set", identity.missing[i]});
    }
  }
  if (rows.empty()) {
    rows.push_back({"RANK", "not set", identity.missing[static_cast<std::size_t>(Field::rank)]});
  }
  return rows;
}

std::vector<Row> export_rows(const Situation& situation) {
  std::vector<Row> rows;
  for (const cluster::Export& made : situation.exports.all) {
    const auto shown = [&](std::size_t i) {
      return situation.identity.values[i] && label(static_cast<Field>(i)) == made.name;
    };
    const bool known = std::ranges::any_of(std::views::iota(0UL, cluster::kFieldCount), shown);
    if (!known || made.kept) {
      rows.push_back({made.name, made.kept.value_or(made.value), mask_secrets(made.chain.back())});
    }
  }
  return rows;
}

std::vector<Row> provider_rows(const cluster::Identity& identity) {
  std::vector<Row> rows;
  for (const cluster::Sighting& seen : identity.seen) {
    rows.push_back({seen.provider, seen.title,
                    fmt::format("{}{}", seen.key, seen.believed ? "" : ", not believed")});
  }
  for (const cluster::Conflict& conflict : identity.conflicts) {
    rows.push_back(
        {"conflict", label(conflict.field),
         fmt::format("{} by {}, {} by {}", conflict.believed.text, conflict.believed.provider,
                     conflict.other.text, conflict.other.provider)});
  }
  return rows;
}

}  // namespace toolkit::commands
