#pragma once
// What is waited for, as people write it: a tree of all, any, not and for over leaves such as
// tcp://db:5432. Only words and logic; what a leaf means belongs to the part `probe`.
//
//   WORD    := EXPR                       one operand of the command line
//   EXPR    := all(EXPR, …) | any(EXPR, …) | not(EXPR) | for(DURATION, EXPR) | LEAF
//   LEAF    := SCHEME:TARGET [ KEY OP VALUE]…     blanks may stand around OP
//   OP      := = != ~ < <= > >=
//
// The operand `not` negates the next one. Outside brackets only a blank ends a target, a key or a
// value; inside, a comma or a closing bracket of the leaf's own level does so too. Quotes keep all
// of them, as in a shell: nothing is special in '…', and in "…" only \" and \\ are. Outside quotes
// a backslash before a blank, a quote or a comma makes it an ordinary character; before anything
// else it stays, so that regular expressions need no second one. `exec:` and `log:` take the rest
// of their text as it is, blanks, quotes and backslashes included. Nesting ends at 100 levels.

#include <toolkit/base/duration.hpp>
#include <toolkit/base/result.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::condition {

/// A piece of what was typed, and where: bytes from the beginning of its operand.
struct Piece {
  std::string text;  // quotes and backslashes taken out
  std::size_t offset = 0;
  std::size_t length = 0;  // as typed
};

struct Parameter {
  Piece key;       // "status"
  std::string op;  // "=", "!=", "~", "<", "<=", ">", ">="
  Piece value;     // "200-299"
};

struct Leaf {
  Piece scheme;  // "tcp", in lower case
  Piece target;  // what follows the colon: "//db:5432"
  std::vector<Parameter> parameters;
  std::size_t operand = 0;  // which operand of the command line
  std::string text;         // as typed, for reports

  /// The parameter with this key, or null.
  [[nodiscard]] const Parameter* find(std::string_view key) const;
};

/// A mistake in an operand: the words, and the part that a caret is put under.
struct Mistake {
  std::string message;
  std::string remedy;
  std::size_t operand = 0;  // 0 too when there is none at all
  std::size_t offset = 0;   // inside the operand; 0 of an empty one
  std::size_t length = 1;   // at least 1
};

enum class Kind { leaf, all, any, not_, for_ };

struct Node {
  Kind kind = Kind::leaf;
  std::size_t leaf = 0;        // index into Tree::leaves
  std::vector<Node> children;  // of all, any; one of not_ and for_
  Milliseconds duration{0};    // of for_
};

struct Tree {
  Node root;
  std::vector<Leaf> leaves;  // in the order in which they were typed
};

/// All operands as one tree: under `all`, or under `any` when that is asked for; `stable` > 0 puts
/// `for` around each operand and the `not`s before it. At least one operand; whether a scheme, a
/// key or a value means anything is for the probe to say.
[[nodiscard]] tl::expected<Tree, Mistake> parse(std::span<const std::string> operands,
                                                bool any = false, Milliseconds stable = {});

/// Two lines under a message, by two blanks to the right and without a line end behind them: the
/// operand, and carets under the offending part. Columns are counted in code points, a tab is one;
/// passwords are masked, control characters are not printed.
[[nodiscard]] std::string underline(std::string_view operand, std::size_t offset,
                                    std::size_t length);

}  // namespace toolkit::condition
