#pragma once
// A leaf as the grammar makes it, without the grammar.

#include <toolkit/condition/condition.hpp>

#include <string>

namespace toolkit::support {

inline condition::Leaf leaf_of(const std::string& scheme, const std::string& target) {
  condition::Leaf leaf;
  leaf.scheme = {scheme, 0, scheme.size()};
  leaf.target = {target, scheme.size() + 1, target.size()};
  leaf.text = scheme + ":" + target;
  return leaf;
}

}  // namespace toolkit::support
