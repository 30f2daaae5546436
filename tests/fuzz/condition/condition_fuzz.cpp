// The bytes between NULs are operands, the first byte says how they are joined. They are refused
// with one line of words and a place inside an operand, or they are a tree whose pieces lie where
// they say and which, printed anew and read again, is the same tree.
#include <toolkit/condition/condition.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace toolkit;
using namespace toolkit::condition;

namespace {

using Operands = std::vector<std::string>;

void require(bool truth) {
  if (!truth) {
    std::abort();
  }
}

Operands operands_of(std::string_view bytes) {
  Operands operands;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    operands.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return operands;
}

std::string in_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    result += c == '\'' ? "'\"'\"'" : std::string(1, c);
  }
  return result + "'";
}

std::string print(const Leaf& leaf) {
  if (leaf.scheme.text == "exec" || leaf.scheme.text == "log") {
    return leaf.scheme.text + ":" + leaf.target.text;
  }
  std::string text = leaf.scheme.text + ":" + in_quotes(leaf.target.text);
  for (const Parameter& parameter : leaf.parameters) {
    text += " " + in_quotes(parameter.key.text) + parameter.op + in_quotes(parameter.value.text);
  }
  return text;
}

std::string print(const Tree& tree, const Node& node) {
  if (node.kind == Kind::leaf) {
    return print(tree.leaves[node.leaf]);
  }
  std::string text = node.kind == Kind::all    ? "all("
                     : node.kind == Kind::any  ? "any("
                     : node.kind == Kind::not_ ? "not("
                                               : "for(" + format_duration(node.duration) + ", ";
  for (const Node& child : node.children) {
    text += (&child == &node.children[0] ? "" : ", ") + print(tree, child);
  }
  return text + ")";
}

// A negation outside is printed as an operand: exec: takes all that follows, brackets too.
Operands print(const Tree& tree, bool stable) {
  Operands operands;
  for (const Node& child : tree.root.children) {
    const Node* node = stable ? &child.children[0] : &child;
    for (; node->kind == Kind::not_; node = &node->children[0]) {
      operands.emplace_back("not");
    }
    operands.push_back(print(tree, *node));
  }
  return operands;
}

bool same(const Node& a, const Node& b) {
  return a.kind == b.kind && a.leaf == b.leaf && a.duration == b.duration &&
         std::ranges::equal(a.children, b.children, same);
}

bool same_parameter(const Parameter& a, const Parameter& b) {
  return a.key.text == b.key.text && a.op == b.op && a.value.text == b.value.text;
}

bool same_leaf(const Leaf& a, const Leaf& b) {
  return a.scheme.text == b.scheme.text && a.target.text == b.target.text &&
         std::ranges::equal(a.parameters, b.parameters, same_parameter);
}

void require_inside(const Piece& piece, const std::string& operand) {
  require(piece.length > 0 && piece.offset + piece.length <= operand.size());
}

void require_places(const Leaf& leaf, const Operands& operands) {
  require(leaf.operand < operands.size());
  const std::string& operand = operands[leaf.operand];
  require(operand.compare(leaf.scheme.offset, leaf.text.size(), leaf.text) == 0);
  require_inside(leaf.scheme, operand);
  require_inside(leaf.target, operand);
  for (const Parameter& parameter : leaf.parameters) {
    require_inside(parameter.key, operand);
    require_inside(parameter.value, operand);
  }
}

void require_words(const Mistake& mistake, const Operands& operands) {
  const std::string operand = operands.empty() ? "" : operands.at(mistake.operand);
  require(mistake.length > 0);
  require(mistake.offset + mistake.length <= std::max<std::size_t>(operand.size(), 1));
  require(!mistake.message.empty() && !mistake.remedy.empty());
  require((mistake.message + mistake.remedy).find_first_of("\n\r\t\x1b") == std::string::npos);
  const std::string lines = underline(operand, mistake.offset, mistake.length);
  require(std::ranges::count(lines, '\n') == 1 && lines.ends_with('^'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const bool any = (data[0] & 1U) != 0;
  const bool stable = (data[0] & 2U) != 0;
  const Milliseconds duration(stable ? 5000 : 0);
  const Operands operands = operands_of({reinterpret_cast<const char*>(data) + 1, size - 1});
  const auto tree = parse(operands, any, duration);
  if (!tree) {
    require_words(tree.error(), operands);
    return 0;
  }
  for (const Leaf& leaf : tree->leaves) {
    require_places(leaf, operands);
  }
  const auto again = parse(print(*tree, stable), any, duration);
  require(again && same(tree->root, again->root));
  require(std::ranges::equal(tree->leaves, again->leaves, same_leaf));
  return 0;
}
