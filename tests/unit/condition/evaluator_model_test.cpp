// The evaluator against a model that knows nothing but the whole past: random trees over random
// timelines of leaves, every answer compared.
#include <toolkit/condition/evaluator.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace toolkit::condition;
using toolkit::Milliseconds;
using toolkit::SteadyTime;

namespace {

using Random = std::mt19937_64;
using Moment = std::vector<Value>;  // of all leaves

std::size_t below(Random& random, std::size_t limit) {
  return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

/// Trees of at most four levels; each leaf stands in one place.
class Planter {
 public:
  explicit Planter(Random& random, bool with_for) : random_(random), with_for_(with_for) {}
  Tree plant() {
    tree_.root = grow(4);
    return tree_;
  }

 private:
  Node grow(std::size_t levels) {
    Node node;
    node.kind = levels == 0 || tree_.leaves.size() > 7 ? Kind::leaf : random_kind();
    if (node.kind == Kind::leaf) {
      node.leaf = tree_.leaves.size();
      tree_.leaves.emplace_back();
      return node;
    }
    const bool one = node.kind == Kind::not_ || node.kind == Kind::for_;
    node.duration = Milliseconds(node.kind == Kind::for_ ? below(random_, 8) : 0);
    for (std::size_t i = one ? 1 : 1 + below(random_, 3); i > 0; --i) {
      node.children.push_back(grow(levels - 1));
    }
    return node;
  }
  Kind random_kind() {
    static constexpr Kind kKinds[]{Kind::leaf, Kind::all, Kind::any, Kind::not_, Kind::for_};
    return kKinds[below(random_, with_for_ ? 5 : 4)];
  }

  Random& random_;
  bool with_for_;
  Tree tree_;
};

/// What is known of the leaves at each call so far, and when that was.
struct Past {
  std::vector<Moment> moments;
  std::vector<long long> times;  // milliseconds

  void go_on(Random& random, std::size_t leaves) {
    Moment next = moments.empty() ? Moment(leaves) : moments.back();
    for (Value& value : next) {
      if (!value.final) {
        value.met = below(random, 3) == 0 ? !value.met : value.met;
        value.final = below(random, 12) == 0;
      }
    }
    times.push_back((times.empty() ? 0 : times.back()) + static_cast<long long>(below(random, 5)));
    moments.push_back(std::move(next));
  }
};

bool model_met(const Node& node, const Past& past, std::size_t call) {
  const auto is_met = [&](const Node& child) { return model_met(child, past, call); };
  switch (node.kind) {
    case Kind::leaf:
      return past.moments[call][node.leaf].met;
    case Kind::all:
      return std::ranges::all_of(node.children, is_met);
    case Kind::any:
      return std::ranges::any_of(node.children, is_met);
    case Kind::not_:
      return !is_met(node.children[0]);
    case Kind::for_:
      break;
  }
  // Some call lies far enough back, and the child was met there and ever since.
  for (std::size_t back = call + 1; back-- > 0 && model_met(node.children[0], past, back);) {
    if (past.times[call] - past.times[back] >= node.duration.count()) {
      return true;
    }
  }
  return false;
}

bool model_final(const Node& node, const Past& past, std::size_t call) {
  const auto decides = [&](bool met) {
    return std::ranges::any_of(node.children, [&](const Node& child) {
      return model_final(child, past, call) && model_met(child, past, call) == met;
    });
  };
  const bool all_final = std::ranges::all_of(
      node.children, [&](const Node& child) { return model_final(child, past, call); });
  switch (node.kind) {
    case Kind::leaf:
      return past.moments[call][node.leaf].final;
    case Kind::all:
      return all_final || decides(false);
    case Kind::any:
      return all_final || decides(true);
    case Kind::not_:
      return all_final;
    case Kind::for_:
      break;
  }
  return decides(false) || (decides(true) && model_met(node, past, call));
}

/// Calls `visit` with every moment that can be made of `moment` by changing the leaves in `free`.
template <typename Visit>
void each_variation(Moment moment, const std::vector<std::size_t>& free, const Visit& visit) {
  for (std::size_t bits = 0; bits < std::size_t{1} << free.size(); ++bits) {
    for (std::size_t i = 0; i < free.size(); ++i) {
      moment[free[i]].met = ((bits >> i) & 1U) != 0;
    }
    visit(moment);
  }
}

bool met_at(const Tree& tree, const Moment& moment) {
  return model_met(tree.root, Past{{moment}, {0}}, 0);
}

template <typename Choose>
std::vector<std::size_t> leaves_that(const Tree& tree, const Choose& choose) {
  std::vector<std::size_t> chosen;
  for (std::size_t leaf = 0; leaf < tree.leaves.size(); ++leaf) {
    if (choose(leaf)) {
      chosen.push_back(leaf);
    }
  }
  return chosen;
}

SteadyTime steady(long long milliseconds) {
  return SteadyTime(std::chrono::hours(1)) + Milliseconds(milliseconds);
}

// Without `for`, final means that no future of the leaves that may change makes a difference.
bool no_future_differs(const Tree& tree, const Moment& moment) {
  const bool now = met_at(tree, moment);
  bool same = true;
  each_variation(moment, leaves_that(tree, [&](std::size_t leaf) { return !moment[leaf].final; }),
                 [&](const Moment& future) { same = same && met_at(tree, future) == now; });
  return same;
}

// While the missing leaves stay as they are, the root stays unmet whatever the others do.
bool missing_suffice(const Tree& tree, const Moment& moment,
                     const std::vector<std::size_t>& missing) {
  bool unmet = true;
  each_variation(moment,
                 leaves_that(tree,
                             [&](std::size_t leaf) {
                               return std::ranges::find(missing, leaf) == missing.end();
                             }),
                 [&](const Moment& future) { unmet = unmet && !met_at(tree, future); });
  return unmet;
}

// Were all missing leaves the other way round, the root would be met.
bool missing_are_enough_to_change(const Tree& tree, Moment moment,
                                  const std::vector<std::size_t>& missing) {
  for (const std::size_t leaf : missing) {
    moment[leaf].met = !moment[leaf].met;
  }
  return met_at(tree, moment);
}

// Until the next change that is announced, the same leaves give the same answer.
bool is_steady_until_next_change(const Evaluator& evaluator, const Moment& moment, Value value,
                                 SteadyTime now) {
  Evaluator copy = evaluator;
  const SteadyTime last =
      std::min(evaluator.next_change(), now + Milliseconds(100)) - Milliseconds(1);
  return last < now || copy.evaluate(moment, last) == value;
}

}  // namespace

TEST_CASE("10,000 random trees are judged as by the model, and what is final stays") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  for (int i = 0; i < 10'000; ++i) {
    CAPTURE(i);
    const Tree tree = Planter(random, true).plant();
    Evaluator evaluator(tree);
    Past past;
    Value before;
    for (std::size_t call = 0; call < 15; ++call) {
      past.go_on(random, tree.leaves.size());
      const SteadyTime now = steady(past.times[call]);
      const Value value = evaluator.evaluate(past.moments[call], now);
      REQUIRE(value.met == model_met(tree.root, past, call));
      REQUIRE(value.final == model_final(tree.root, past, call));
      REQUIRE((!before.final || value == before));
      REQUIRE(evaluator.missing().empty() == value.met);
      REQUIRE(is_steady_until_next_change(evaluator, past.moments[call], value, now));
      before = value;
    }
  }
}

TEST_CASE(
    "of 10,000 random trees without time, finality and what is missing are told by all futures") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  for (int i = 0; i < 10'000; ++i) {
    CAPTURE(i);
    const Tree tree = Planter(random, false).plant();
    Evaluator evaluator(tree);
    Past past;
    past.go_on(random, tree.leaves.size());
    past.go_on(random, tree.leaves.size());
    past.go_on(random, tree.leaves.size());
    const Moment& moment = past.moments.back();
    const Value value = evaluator.evaluate(moment, steady(0));
    REQUIRE(value.final == no_future_differs(tree, moment));
    if (!value.met) {
      const auto missing = evaluator.missing();
      REQUIRE(missing_suffice(tree, moment, missing));
      REQUIRE((value.final || missing_are_enough_to_change(tree, moment, missing)));
      REQUIRE(std::ranges::is_sorted(missing));
    }
  }
}
