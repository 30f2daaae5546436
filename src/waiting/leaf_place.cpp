#include "leaf_place.hpp"

#include <algorithm>

namespace toolkit::waiting {
namespace {

constexpr int kLooksInAFor = 4;

void place(const condition::Node& node, LeafPlace here, std::vector<LeafPlace>& places) {
  if (node.kind == condition::Kind::leaf) {
    places[node.leaf] = here;
    return;
  }
  if (node.kind == condition::Kind::not_) {
    here.negated = !here.negated;
  }
  if (node.kind == condition::Kind::for_) {
    here.stable = std::min(here.stable.value_or(node.duration), node.duration);
  }
  for (const condition::Node& child : node.children) {
    place(child, here, places);
  }
}

}  // namespace

std::vector<LeafPlace> leaf_places(const condition::Tree& tree) {
  std::vector<LeafPlace> places(tree.leaves.size());
  place(tree.root, {}, places);
  return places;
}

Milliseconds interval_at(const LeafPlace& place, Milliseconds interval) {
  if (!place.stable) {
    return interval;
  }
  return std::min(interval, std::max(*place.stable / kLooksInAFor, Milliseconds(10)));
}

Milliseconds usual_interval(Milliseconds pace, std::size_t leaves) {
  return std::max(pace, Milliseconds(10 * static_cast<Milliseconds::rep>(leaves)));
}

}  // namespace toolkit::waiting
