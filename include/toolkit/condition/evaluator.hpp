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
  explicit Evaluator(const Tree& tree);

  /// The root's value at `now`. `leaves` has one value a leaf, in the tree's order. `all` is final
  /// when a child is finally unmet or all are finally met; `any` the other way round; `not` turns
  /// the value and keeps finality; `for` is met when its child has been met at every call for its
  /// duration, begins anew whenever it is not, and is final at once when its child is finally
  /// unmet, or finally met and the duration has passed.
  [[nodiscard]] Value evaluate(std::span<const Value> leaves, SteadyTime now);

  /// When evaluate() may answer differently though no leaf changes: the end of a `for` that runs;
  /// max for never.
  [[nodiscard]] SteadyTime next_change() const;

  /// The leaves that keep the root from being met, by the last evaluate(), in the tree's order: for
  /// reports. Under `not` and a `for` that runs these are met leaves, which stand in the way or
  /// have not been met for long enough. Of a root that is finally unmet only the leaves that make
  /// it final. Empty when the root is met.
  [[nodiscard]] std::vector<std::size_t> missing() const;

 private:
  struct Step {  // a node of the tree
    Kind kind;
    std::size_t leaf;
    Milliseconds duration;
    std::size_t end;       // behind the last step of its subtree
    SteadyTime met_since;  // of a `for` node: its child; max when it is not met
    Value value;           // by the last evaluate()
  };
  void append(const Node& node);
  [[nodiscard]] Value value_of(std::size_t step, std::span<const Value> leaves, SteadyTime now);
  [[nodiscard]] Value value_of_many(std::size_t step) const;
  [[nodiscard]] static Value value_of_for(Step& step, Value child, SteadyTime now);
  void add_in_the_way(std::size_t step, bool wanted, std::vector<std::size_t>& leaves) const;

  std::vector<Step> steps_;  // in preorder, so that children stand behind their parent
};

}  // namespace toolkit::condition
