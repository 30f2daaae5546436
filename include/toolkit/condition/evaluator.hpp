#pragma once
// Whether a tree of conditions is fulfilled, from what is known of its leaves. Pure: time is an
// argument, so that a test of an hour takes none.

#include <toolkit/condition/condition.hpp>

#include <span>
#include <vector>

namespace toolkit::condition {

/// What is known of a leaf or a node. A final answer will never change.
struct Value {
  bool met = false;
  bool final = false;
  friend bool operator==(const Value&, const Value&) = default;
};

class Evaluator {
 public:
  explicit Evaluator(const Tree& tree);  // borrowed for its lifetime

  /// The root's value at `now`. `leaves` has one value a leaf, in the tree's order. `all` is final
  /// when a child is finally unmet or all are finally met; `any` the other way round; `not` turns
  /// the value and keeps finality; `for` is met when its child has been met at every call for its
  /// duration, begins anew whenever it is not, and is final at once when its child is finally
  /// unmet, or finally met and the duration has passed.
  [[nodiscard]] Value evaluate(std::span<const Value> leaves, SteadyTime now);

  /// When evaluate() may answer differently though no leaf changes: the end of a `for` that runs.
  [[nodiscard]] SteadyTime next_change() const;

  /// The leaves that keep the root from being met, by the last evaluate(): for reports.
  [[nodiscard]] std::vector<std::size_t> missing() const;

 private:
  struct State;
  const Tree& tree_;
  std::vector<SteadyTime> met_since_;  // of each `for` node, in preorder; max: not met
  std::vector<Value> values_;          // of each node, in preorder, by the last evaluate()
};

}  // namespace toolkit::condition
