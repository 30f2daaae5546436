#pragma once
// What rules are made of, inside the part: the rule as it was written, and as it is applied.

#include "pattern.hpp"

#include <toolkit/base/result.hpp>

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace toolkit::selection {

/// Whom a rule concerns: who chooses what to send, who deletes at the destination, or both.
enum class Side { both, sender, receiver };

/// The modifiers of a rule (rsync(1), FILTER RULE MODIFIERS and MERGE-FILE FILTER RULES). Those of
/// a merge rule are what the rules of its file begin with.
struct Modifiers {
  bool include = false;
  bool negated = false;      // !
  bool absolute = false;     // /
  bool perishable = false;   // p: only matters inside directories that are being deleted
  bool attributes = false;   // x: about extended attributes, never about files
  bool cvs = false;          // C
  bool plain = false;        // - + C: the file has patterns only, no rules
  bool words = false;        // w: split at white space
  bool inherited = true;     // without n
  bool hides_file = false;   // e
  bool names_sides = false;  // s, r, or a rule's name that says so
  Side side = Side::both;
};

/// A rule that includes or excludes.
struct Rule {
  Modifiers modifiers;
  Pattern pattern;
  std::string text;    // as rsync(1) would write it: "-! *.tmp"
  std::string origin;  // "--exclude", "rules.txt:3"

  [[nodiscard]] bool matches(const Subject& subject) const {
    return !modifiers.attributes && pattern.matches(subject) != modifiers.negated;
  }
};

/// A file to be looked for in every directory.
struct DirectoryMerge {
  Modifiers modifiers;
  std::string path;  // as written
  std::string name;  // its last component: what is looked for
};

/// What the rule "-C" stands for.
struct CvsRules;

using RuleItem = std::variant<std::shared_ptr<const Rule>, std::shared_ptr<const DirectoryMerge>,
                              std::shared_ptr<const CvsRules>>;
using RuleItems = std::vector<RuleItem>;

struct CvsRules {
  RuleItems items;
};

}  // namespace toolkit::selection
