#pragma once
// Probes from what people type.

#include <toolkit/condition/condition.hpp>

#include <doctest/doctest.h>
#include <src/probe/schemes.hpp>

#include <memory>
#include <string>
#include <vector>

namespace toolkit::support {

using Maker = probe::Made (*)(const condition::Leaf&, const probe::Settings&);

inline condition::Leaf typed_leaf(const std::string& operand) {
  const std::vector<std::string> operands{operand};
  auto tree = condition::parse(operands);
  REQUIRE_MESSAGE(tree, operand);
  REQUIRE(tree->leaves.size() == 1);
  return tree->leaves[0];
}

inline std::unique_ptr<probe::Probe> typed_probe(Maker make, const std::string& operand) {
  auto made = make(typed_leaf(operand), {});
  REQUIRE_MESSAGE(made, operand, ": ", made ? "" : made.error().message);
  return std::move(*made);
}

/// The message of a mistake, and under it what the caret shows.
inline std::string typed_mistake(Maker make, const std::string& operand) {
  const auto made = make(typed_leaf(operand), {});
  REQUIRE_FALSE_MESSAGE(made, operand);
  return made.error().message + "\n" + operand.substr(made.error().offset, made.error().length);
}

}  // namespace toolkit::support
