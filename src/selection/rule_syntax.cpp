#include "rule_syntax.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <array>
#include <optional>

namespace toolkit::selection {
namespace {

using Action = ParsedRule::Action;
using Reason = tl::unexpected<std::string>;

struct Word {
  std::string_view name;
  char letter;
};
constexpr std::array<Word, 9> kWords = {{{"exclude", '-'},
                                         {"include", '+'},
                                         {"merge", '.'},
                                         {"dir-merge", ':'},
                                         {"hide", 'H'},
                                         {"show", 'S'},
                                         {"protect", 'P'},
                                         {"risk", 'R'},
                                         {"clear", '!'}}};

// The letter of the rule's name, taken off the front of `rest` with the comma behind it. 0 for
// none.
char take_name(std::string_view& rest) {
  char letter = 0;
  for (const Word& word : kWords) {
    const std::string_view behind = rest.substr(std::min(word.name.size(), rest.size()));
    if (rest.substr(0, word.name.size()) == word.name &&
        (behind.empty() ||
         std::string_view(" _,\t\v\f").find(behind[0]) != std::string_view::npos)) {
      letter = word.letter;
      rest = behind;
      break;
    }
    if (!rest.empty() && rest.front() == word.letter) {
      letter = word.letter;
      rest.remove_prefix(1);
      break;
    }
  }
  if (letter != 0 && !rest.empty() && rest.front() == ',') {
    rest.remove_prefix(1);
  }
  return letter;
}

Action action_of(char name) {
  return name == '.'   ? Action::merge
         : name == ':' ? Action::directory_merge
         : name == '!' ? Action::clear
                       : Action::match;
}

// Whether this rule may have this modifier, and has none that speaks against it.
bool may_have(char name, char modifier, const Modifiers& so_far) {
  const bool merges = name == '.' || name == ':';
  const bool has_side = std::string_view("HSPR").find(name) != std::string_view::npos;
  switch (modifier) {
    case '/':
    case 'p':
    case 'x':
      return true;
    case '!':
      return !merges;
    case 's':
    case 'r':
      return !has_side;
    case 'C':
      return !has_side && !so_far.plain;
    case '-':
    case '+':
      return merges && !so_far.plain;
    case 'e':
    case 'n':
    case 'w':
      return merges;
    default:
      return false;
  }
}

void set_side(Modifiers& modifiers, Side side) {
  const bool other = modifiers.names_sides && modifiers.side != side;
  modifiers.side = other ? Side::both : side;
  modifiers.names_sides = true;
}

void apply(char modifier, Modifiers& modifiers) {
  switch (modifier) {
    case '/':
      modifiers.absolute = true;
      break;
    case 'p':
      modifiers.perishable = true;
      break;
    case 'x':
      modifiers.attributes = true;
      break;
    case '!':
      modifiers.negated = true;
      break;
    case 's':
    case 'r':
      set_side(modifiers, modifier == 's' ? Side::sender : Side::receiver);
      break;
    case 'C':
      modifiers.cvs = modifiers.plain = modifiers.words = true;
      modifiers.inherited = false;
      break;
    case '-':
      modifiers.plain = true;
      break;
    case '+':
      modifiers.plain = modifiers.include = true;
      break;
    case 'e':
      modifiers.hides_file = true;
      break;
    case 'n':
      modifiers.inherited = false;
      break;
    default:
      modifiers.words = true;  // w
      break;
  }
}

void apply_name(char name, Modifiers& modifiers) {
  if (name == '+' || name == 'S' || name == 'R') {
    modifiers.include = true;
  }
  if (name == 'H' || name == 'S') {
    set_side(modifiers, Side::sender);
  } else if (name == 'P' || name == 'R') {
    set_side(modifiers, Side::receiver);
  }
}

// What a rule takes over from the merge rule whose file it stands in, CVS's patterns from "-C".
Modifiers from_container(const Modifiers& container) {
  Modifiers modifiers;
  modifiers.include = container.include;
  modifiers.negated = container.negated;
  modifiers.absolute = container.absolute;
  modifiers.perishable = container.perishable;
  return modifiers;
}

tl::expected<ParsedRule, std::string> parse_new(std::string_view rest, Modifiers modifiers) {
  ParsedRule rule;
  const char name = take_name(rest);
  if (name == 0) {
    return Reason("no such rule");
  }
  rule.action = action_of(name);
  apply_name(name, modifiers);
  while (rule.action != Action::clear && !rest.empty() && rest[0] != ' ' && rest[0] != '_') {
    if (!may_have(name, rest[0], modifiers)) {
      return Reason(fmt::format("'{}' is no modifier of this rule", printable(rest.substr(0, 1))));
    }
    apply(rest[0], modifiers);
    rest.remove_prefix(1);
  }
  if (rule.action == Action::clear && !rest.empty()) {
    return Reason("'!' takes nothing behind it");
  }
  rest.remove_prefix(rest.empty() ? 0 : 1);
  if (rest.empty() && rule.action != Action::clear && !modifiers.cvs) {
    return Reason("the pattern or file name is missing");
  }
  rule.modifiers = modifiers;
  rule.argument = rest;
  return rule;
}

}  // namespace

tl::expected<ParsedRule, std::string> parse_rule(std::string_view text, const Modifiers& defaults,
                                                 Grammar grammar) {
  Modifiers modifiers = from_container(defaults);
  if (!defaults.plain && grammar == Grammar::rules) {
    auto rule = parse_new(text, modifiers);
    if (!rule || !defaults.names_sides) {
      return rule;
    }
    if (rule->modifiers.names_sides) {
      return Reason("the merge rule of this file already says for which side its rules are");
    }
    rule->modifiers.side = defaults.side;
    rule->modifiers.names_sides = true;
    return rule;
  }
  modifiers.side = defaults.side;
  modifiers.names_sides = defaults.names_sides;
  if (!defaults.plain && (text.substr(0, 2) == "- " || text.substr(0, 2) == "+ ")) {
    modifiers.include = text[0] == '+';
    text.remove_prefix(2);
    if (text.empty()) {
      return Reason("the pattern is missing");
    }
  } else if (text == "!" && (!defaults.plain || defaults.cvs)) {
    return ParsedRule{Action::clear, modifiers, {}};
  }
  return ParsedRule{Action::match, modifiers, std::string(text)};
}

std::string text_of(const Modifiers& modifiers, std::string_view pattern) {
  std::string text(modifiers.include ? "+" : "-");
  text += modifiers.negated ? "!" : "";
  text += modifiers.absolute ? "/" : "";
  text += modifiers.side == Side::sender ? "s" : modifiers.side == Side::receiver ? "r" : "";
  text += modifiers.perishable ? "p" : "";
  text += modifiers.attributes ? "x" : "";
  return text.append(" ").append(pattern);
}

}  // namespace toolkit::selection
