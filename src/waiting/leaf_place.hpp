#pragma once
// What a leaf's place in the tree means for how it is watched and believed. Pure.

#include <toolkit/base/duration.hpp>
#include <toolkit/condition/condition.hpp>

#include <optional>
#include <vector>

namespace toolkit::waiting {

struct LeafPlace {
  bool negated = false;                // under an odd number of `not`
  std::optional<Milliseconds> stable;  // the shortest `for` above it
};

/// One a leaf, in the tree's order.
[[nodiscard]] std::vector<LeafPlace> leaf_places(const condition::Tree& tree);

/// The longest pause between two looks at such a leaf: a `for` must see several of them, or it
/// would call stable what was seen once.
[[nodiscard]] Milliseconds interval_at(const LeafPlace& place, Milliseconds interval);
/// What it is when nobody has said (waiter.hpp): as the probe would have it, and all leaves
/// together no more than a hundred looks a second.
[[nodiscard]] Milliseconds usual_interval(Milliseconds pace, std::size_t leaves);

}  // namespace toolkit::waiting
