#pragma once
// One rule's words: "- *.tmp", "dir-merge,n .rules", "hide,! */" (rsync(1), FILTER RULES IN DEPTH).

#include "rule.hpp"

#include <toolkit/base/result.hpp>

#include <string>
#include <string_view>

namespace toolkit::selection {

/// How text is read: --include and --exclude, and their files, know no rule but "+ ", "- " and "!".
enum class Grammar { rules, old };

struct ParsedRule {
  enum class Action { match, merge, directory_merge, clear };
  Action action = Action::match;
  Modifiers modifiers;
  std::string argument;  // the pattern or file name
};

/// `defaults`: the modifiers of the file it stands in. The error is the reason alone: "modifier 'q'
/// is not known". The text is not empty.
[[nodiscard]] tl::expected<ParsedRule, std::string> parse_rule(std::string_view text,
                                                               const Modifiers& defaults,
                                                               Grammar grammar);

/// "-! *.tmp": what it does, its modifiers, its pattern, whatever words it was written in.
[[nodiscard]] std::string text_of(const Modifiers& modifiers, std::string_view pattern);

}  // namespace toolkit::selection
