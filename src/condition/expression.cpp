#include "expression.hpp"

#include "leaf.hpp"
#include "suggestion.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

namespace toolkit::condition {
namespace {

std::optional<Kind> kind_of(std::string_view name) {
  struct Function {
    std::string_view name;
    Kind kind;
  };
  static constexpr std::array kFunctions{Function{"all", Kind::all}, Function{"any", Kind::any},
                                         Function{"not", Kind::not_}, Function{"for", Kind::for_}};
  const auto* const found = std::ranges::find(kFunctions, name, &Function::name);
  return found == kFunctions.end() ? std::nullopt : std::optional(found->kind);
}

bool takes_one_child(Kind kind) { return kind == Kind::not_ || kind == Kind::for_; }

}  // namespace

Parsed<Node> ExpressionReader::read(std::size_t depth) {
  if (const std::size_t nul = cursor_.text().find('\0'); nul != std::string_view::npos) {
    return cursor_.mistake(nul, 1, "a NUL byte in a condition", "write it without");
  }
  cursor_.skip_blanks();
  if (cursor_.at_end()) {
    return cursor_.mistake(0, std::max<std::size_t>(cursor_.at(), 1), "an empty condition",
                           "look whether a variable that it is made of is empty");
  }
  auto node = read_expression(depth);
  cursor_.skip_blanks();
  if (!node || cursor_.at_end()) {
    return node;
  }
  return cursor_.mistake(cursor_.at(), cursor_.word().size(),
                         fmt::format("{} stands behind the end", in_quotes(cursor_.word())),
                         cursor_.peek() == ')' ? "a closing bracket needs an opening one before it"
                                               : "give each condition as an operand of its own");
}

Parsed<Node> ExpressionReader::read_expression(std::size_t depth) {
  cursor_.skip_blanks();
  if (cursor_.at_end_of_expression()) {
    return cursor_.mistake(cursor_.at(), 1, "a condition is missing here",
                           "write one, or take the comma out");
  }
  Cursor ahead = cursor_;
  ahead.skip(cursor_.name().size());
  if (ahead.at() > cursor_.at() && ahead.peek() == ':') {
    return read_leaf_node();
  }
  ahead.skip_blanks();
  if (ahead.at() > cursor_.at() && ahead.peek() == '(') {
    return read_function(depth);
  }
  return not_a_condition();
}

Parsed<Node> ExpressionReader::read_leaf_node() {
  auto leaf = read_leaf(cursor_);
  if (!leaf) {
    return tl::unexpected(std::move(leaf).error());
  }
  leaves_.push_back(*std::move(leaf));
  return Node{Kind::leaf, leaves_.size() - 1, {}, {}};
}

Parsed<Node> ExpressionReader::read_function(std::size_t depth) {
  const std::string_view name = cursor_.name();
  const auto kind = kind_of(name);
  if (!kind) {
    return cursor_.mistake(cursor_.at(), name.size(),
                           fmt::format("{} is not all, any, not or for", in_quotes(name)),
                           suggest_function(name));
  }
  if (depth >= kDeepest) {
    return cursor_.mistake(cursor_.at(), name.size(),
                           fmt::format("conditions are nested more than {} deep", kDeepest),
                           "write it flatter");
  }
  cursor_.skip(name.size());
  cursor_.skip_blanks();
  const std::size_t open = cursor_.at();
  cursor_.skip(1);
  cursor_.enter_brackets();
  Node node{*kind, 0, {}, {}};
  if (kind == Kind::for_) {
    const auto duration = read_duration();
    if (!duration) {
      return tl::unexpected(duration.error());
    }
    node.duration = *duration;
  }
  return read_children(std::move(node), open, depth);
}

Parsed<Milliseconds> ExpressionReader::read_duration() {
  constexpr std::string_view kForm =
      "write for(DURATION, CONDITION), as in for(10s, tcp://db:5432)";
  cursor_.skip_blanks();
  const auto word = cursor_.read_text();
  if (!word) {
    return tl::unexpected(word.error());
  }
  const auto duration = parse_duration(word->text);
  if (!duration) {
    return cursor_.mistake(word->offset - (word->length == 0 ? 1 : 0),
                           std::max<std::size_t>(word->length, 1),
                           fmt::format("{} is not a duration", in_quotes(word->text)),
                           fmt::format("{}; {}", duration.error().remedy, kForm));
  }
  cursor_.skip_blanks();
  if (!cursor_.take(',')) {
    return cursor_.mistake(word->offset, word->length, "for() has a duration and no condition",
                           std::string(kForm));
  }
  return *duration;
}

Parsed<Node> ExpressionReader::read_children(Node node, std::size_t open, std::size_t depth) {
  for (bool more = true; more;) {
    cursor_.skip_blanks();
    if (cursor_.at_end()) {
      return not_closed(open);
    }
    auto child = read_expression(depth + 1);
    if (!child) {
      return child;
    }
    node.children.push_back(*std::move(child));
    const auto follows = another_follows(node, open);
    if (!follows) {
      return tl::unexpected(follows.error());
    }
    more = *follows;
  }
  cursor_.leave_brackets();
  return node;
}

Parsed<bool> ExpressionReader::another_follows(const Node& node, std::size_t open) {
  cursor_.skip_blanks();
  if (cursor_.take(')')) {
    return false;
  }
  if (cursor_.at_end()) {
    return not_closed(open);
  }
  if (cursor_.peek() != ',') {
    return cursor_.mistake(cursor_.at(), cursor_.word().size(),
                           fmt::format("no comma before {}", in_quotes(cursor_.word())),
                           "put a comma between two conditions");
  }
  if (takes_one_child(node.kind)) {
    return cursor_.mistake(cursor_.at(), 1, "a second condition where only one may stand",
                           "put them into all(...) or any(...)");
  }
  cursor_.skip(1);
  return true;
}

tl::unexpected<Mistake> ExpressionReader::not_closed(std::size_t open) const {
  return cursor_.mistake(open, 1, "this bracket is not closed",
                         "close it; in a shell, put quotes around the whole condition");
}

tl::unexpected<Mistake> ExpressionReader::not_a_condition() const {
  const std::string_view word = cursor_.word();
  return cursor_.mistake(cursor_.at(), word.size(),
                         fmt::format("{} is not a condition", in_quotes(word)),
                         suggest_scheme(word));
}

}  // namespace toolkit::condition
