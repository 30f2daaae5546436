#include "expression.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/condition/condition.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::condition {
namespace {

Node around(Kind kind, Node child, Milliseconds duration = {}) {
  Node node{kind, 0, {}, duration};
  node.children.push_back(std::move(child));
  return node;
}

tl::unexpected<Mistake> mistake_in_word(std::size_t operand, std::size_t length,
                                        std::string message, std::string remedy) {
  return tl::unexpected(Mistake{std::move(message), std::move(remedy), operand, 0, length});
}

/// How many operands `not` stand at the beginning.
Parsed<std::size_t> count_negations(std::span<const std::string> operands, std::size_t first) {
  std::size_t count = 0;
  while (first + count < operands.size() && operands[first + count] == "not") {
    ++count;
  }
  if (first + count == operands.size()) {
    return mistake_in_word(operands.size() - 1, 3, "'not' with nothing behind it",
                           "write the condition that is to be negated as the next operand");
  }
  if (count > kDeepest) {
    return mistake_in_word(first + kDeepest, 3,
                           fmt::format("conditions are nested more than {} deep", kDeepest),
                           "write it flatter");
  }
  return count;
}

/// The operand at `next` and the `not`s before it; `next` goes behind them.
Parsed<Node> read_operand(std::span<const std::string> operands, std::size_t& next,
                          std::vector<Leaf>& leaves) {
  const auto negations = count_negations(operands, next);
  if (!negations) {
    return tl::unexpected(negations.error());
  }
  next += *negations;
  auto node = ExpressionReader(operands[next], next, leaves).read(*negations);
  ++next;
  for (std::size_t i = 0; node && i < *negations; ++i) {
    node = around(Kind::not_, *std::move(node));
  }
  return node;
}

}  // namespace

const Parameter* Leaf::find(std::string_view key) const {
  const auto found = std::ranges::find_if(
      parameters, [key](const Parameter& parameter) { return parameter.key.text == key; });
  return found == parameters.end() ? nullptr : &*found;
}

tl::expected<Tree, Mistake> parse(std::span<const std::string> operands, bool any,
                                  Milliseconds stable) {
  if (operands.empty()) {
    return mistake_in_word(0, 1, "no condition to wait for",
                           "name one, as in tcp://db:5432, file:/data/ready or job:train");
  }
  Tree tree;
  tree.root.kind = any ? Kind::any : Kind::all;
  for (std::size_t next = 0; next < operands.size();) {
    auto node = read_operand(operands, next, tree.leaves);
    if (!node) {
      return tl::unexpected(std::move(node).error());
    }
    tree.root.children.push_back(stable.count() > 0 ? around(Kind::for_, *std::move(node), stable)
                                                    : *std::move(node));
  }
  return tree;
}

}  // namespace toolkit::condition
