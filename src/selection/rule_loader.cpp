#include "rule_loader.hpp"

#include "tree_path.hpp"

#include <toolkit/base/scope_exit.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>

namespace toolkit::selection {
namespace {

// Files that name files: more than anybody writes, and an end for one that names itself.
constexpr int kDeepestMerge = 32;
constexpr std::string_view kSpaces = " \t\n\v\f\r";

// rsync(1), --cvs-exclude.
constexpr std::string_view kCvsPatterns =
    "RCS SCCS CVS CVS.adm RCSLOG cvslog.* tags TAGS .make.state .nse_depinfo *~ #* .#* ,* _$* *$ "
    "*.old *.bak *.BAK *.orig *.rej .del-* *.a *.olb *.o *.obj *.so *.exe *.Z *.elc *.ln core "
    ".svn/ .git/ .hg/ .bzr/";

Failure bad_rule(std::string_view text, const std::string& origin, const std::string& reason) {
  return fail(ErrorKind::usage,
              fmt::format("bad filter rule '{}' ({}): {}", printable(text.substr(0, 200)),
                          printable(origin), reason),
              "rules are written as in rsync(1), FILTER RULES: '- *.tmp', '+ *.log', 'merge FILE'");
}

std::string_view option_of(RuleText::Form form) {
  switch (form) {
    case RuleText::Form::include:
      return "--include";
    case RuleText::Form::exclude:
      return "--exclude";
    case RuleText::Form::include_from:
      return "--include-from";
    case RuleText::Form::exclude_from:
      return "--exclude-from";
    case RuleText::Form::filter:
      break;
  }
  return "--filter";
}

}  // namespace

std::string last_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

RuleLoader::RuleLoader(RuleReader& reader, const std::string& root,
                       const std::vector<std::shared_ptr<const DirectoryMerge>>& known,
                       std::optional<MergePlace> place)
    : reader_(reader), root_(root), known_(known), place_(std::move(place)) {}

Result<void> RuleLoader::add(const RuleText& rule) {
  using Form = RuleText::Form;
  Modifiers defaults;
  defaults.include = rule.form == Form::include || rule.form == Form::include_from;
  const Grammar grammar = rule.form == Form::filter ? Grammar::rules : Grammar::old;
  const std::string origin(option_of(rule.form));
  if (rule.form == Form::include_from || rule.form == Form::exclude_from) {
    TRY_ASSIGN(const std::string bytes, reader_.read_file(rule.text));
    return add_file(bytes, rule.text, defaults, grammar);
  }
  return rule.text.empty() ? Result<void>{} : add_rule(rule.text, origin, defaults, grammar);
}

Result<void> RuleLoader::add_file(std::string_view bytes, const std::string& name,
                                  const Modifiers& defaults, Grammar grammar) {
  const std::string_view ends = defaults.words ? kSpaces : std::string_view("\n\r");
  for (std::size_t line = 1; !bytes.empty();) {
    const std::size_t end = std::min(bytes.find_first_of(ends), bytes.size());
    std::string_view text = bytes.substr(0, end);
    text = text.substr(0, text.find('\0'));  // rsync's lines are C strings
    const bool comment = !defaults.words && !text.empty() && (text[0] == '#' || text[0] == ';');
    if (!text.empty() && !comment) {
      TRY(add_rule(text, fmt::format("{}:{}", name, line), defaults, grammar));
    }
    line += bytes.substr(0, end + 1).ends_with('\n') ? 1 : 0;
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return {};
}

Result<void> RuleLoader::add_rule(std::string_view text, const std::string& origin,
                                  const Modifiers& defaults, Grammar grammar) {
  auto rule = parse_rule(text, defaults, grammar);
  if (!rule) {
    return bad_rule(text, origin, rule.error());
  }
  using Action = ParsedRule::Action;
  if (rule->action == Action::clear) {
    items_.clear();
    cleared_ = true;
  } else if (rule->action != Action::match) {
    rule->argument = rule->argument.empty() ? ".cvsignore" : rule->argument;
    if (rule->modifiers.hides_file) {
      hide(last_name(rule->argument), origin);
    }
    if (rule->action == Action::merge) {
      return merge(*rule, text, origin);
    }
    merge_in_directories(*rule);
  } else if (rule->modifiers.cvs) {
    TRY(add_cvs_rules(rule->modifiers));
  } else {
    const std::string words = text_of(rule->modifiers, rule->argument);
    // As in rsync, what a merge file merges in its turn is anchored at the root again.
    const std::size_t base = place_ && depth_ == 0 ? place_->path.size() : 0;
    Pattern pattern(std::move(rule->argument), rule->modifiers.absolute, base);
    items_.emplace_back(
        std::make_shared<const Rule>(Rule{rule->modifiers, std::move(pattern), words, origin}));
  }
  return {};
}

Result<void> RuleLoader::merge(const ParsedRule& rule, std::string_view text,
                               const std::string& origin) {
  if (depth_ == kDeepestMerge) {
    return bad_rule(text, origin, "files that merge each other without end");
  }
  TRY_ASSIGN(const std::string bytes, read(rule.argument));
  ++depth_;
  const ScopeExit leave([this] { --depth_; });
  return add_file(bytes, rule.argument, rule.modifiers, Grammar::rules);
}

// CVS's own patterns and the user's (rsync(1), --cvs-exclude). As in rsync, the first "-C" says for
// all whether they exclude or include, and for which side.
Result<void> RuleLoader::add_cvs_rules(Modifiers modifiers) {
  if (!cvs_) {
    const std::vector<std::shared_ptr<const DirectoryMerge>> none;
    RuleLoader loader(reader_, root_, none);
    modifiers.words = true;
    TRY(loader.add_file(kCvsPatterns, "-C", modifiers, Grammar::rules));
    TRY(loader.add_file(reader_.cvs_patterns(), "~/.cvsignore, $CVSIGNORE", modifiers,
                        Grammar::rules));
    cvs_ = std::make_shared<const CvsRules>(CvsRules{std::move(loader.items_)});
  }
  items_.emplace_back(cvs_);
  return {};
}

// A file name that is looked for already is not looked for twice.
void RuleLoader::merge_in_directories(const ParsedRule& rule) {
  auto added = std::make_shared<const DirectoryMerge>(
      DirectoryMerge{rule.modifiers, rule.argument, last_name(rule.argument)});
  for (const auto& known : known_) {
    if (known->name == added->name) {
      return;
    }
  }
  for (const RuleItem& item : items_) {
    const auto* known = std::get_if<std::shared_ptr<const DirectoryMerge>>(&item);
    if (known != nullptr && (*known)->name == added->name) {
      return;
    }
  }
  items_.emplace_back(std::move(added));
}

void RuleLoader::hide(const std::string& file, const std::string& origin) {
  items_.emplace_back(std::make_shared<const Rule>(
      Rule{Modifiers{}, Pattern(file, false, 0), text_of({}, file), origin}));
}

// In a file of the source, a name without a slash is looked for in the source's root, as rsync
// does, and one with slashes from its own directory on.
Result<std::string> RuleLoader::read(const std::string& path) {
  if (!place_ || path.front() == '/') {
    return reader_.read_file(path);
  }
  if (path.find('/') == std::string::npos) {
    return reader_.read_in_tree(path);
  }
  const auto key = place_->key ? join_key(*place_->key, path) : std::nullopt;
  return key ? reader_.read_in_tree(*key) : reader_.read_file(place_->path + path);
}

}  // namespace toolkit::selection
