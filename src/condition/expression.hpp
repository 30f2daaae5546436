#pragma once
// One expression: all(…), any(…), not(…), for(…, …) or a leaf.

#include "cursor.hpp"

#include <vector>

namespace toolkit::condition {

/// How deep conditions may be nested: far beyond what anybody reads, and shallow enough for any
/// stack.
constexpr std::size_t kDeepest = 100;

class ExpressionReader {
 public:
  /// Leaves are appended to `leaves`, which is borrowed.
  ExpressionReader(std::string_view operand, std::size_t number, std::vector<Leaf>& leaves)
      : cursor_(operand, number), leaves_(leaves) {}

  /// The whole operand, which stands `depth` levels below the root.
  [[nodiscard]] Parsed<Node> read(std::size_t depth);

 private:
  Parsed<Node> read_expression(std::size_t depth);
  Parsed<Node> read_leaf_node();
  /// all, any, not or for with their brackets, of which the name is at the cursor.
  Parsed<Node> read_function(std::size_t depth);
  Parsed<Milliseconds> read_duration();
  /// What stands in brackets, and the closing one. `open` is where the opening one is.
  Parsed<Node> read_children(Node node, std::size_t open, std::size_t depth);
  /// Takes the comma before another condition, or the closing bracket: whether it was the comma.
  Parsed<bool> another_follows(const Node& node, std::size_t open);
  [[nodiscard]] tl::unexpected<Mistake> not_closed(std::size_t open) const;
  [[nodiscard]] tl::unexpected<Mistake> not_a_condition() const;

  Cursor cursor_;
  std::vector<Leaf>& leaves_;
};

}  // namespace toolkit::condition
