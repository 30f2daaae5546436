#include "rule_loader.hpp"
#include "scope.hpp"

#include <toolkit/selection/filter.hpp>

namespace toolkit::selection {

struct Filter::Rules {
  RuleItems items;
  std::string root;
  Scope first;  // the merges to look for, before any directory was seen

  [[nodiscard]] const Rule* find(const RuleItems& list, const Scope& scope, const Subject& subject,
                                 Side elsewhere) const;
};

namespace {

std::string without_slash(std::string path) {
  while (!path.empty() && path.back() == '/') {
    path.pop_back();
  }
  return path;
}

}  // namespace

// The first rule that matches; not those that are only for the side `elsewhere`.
const Rule* Filter::Rules::find(const RuleItems& list, const Scope& scope, const Subject& subject,
                                Side elsewhere) const {
  for (const RuleItem& item : list) {
    if (const auto* rule = std::get_if<std::shared_ptr<const Rule>>(&item)) {
      if ((*rule)->modifiers.side != elsewhere && (*rule)->matches(subject)) {
        return rule->get();
      }
      continue;
    }
    const auto* cvs = std::get_if<std::shared_ptr<const CvsRules>>(&item);
    const RuleItems* more =
        cvs != nullptr ? &(*cvs)->items
                       : scope.items_of(*std::get<std::shared_ptr<const DirectoryMerge>>(item));
    const Rule* found = more == nullptr ? nullptr : find(*more, scope, subject, elsewhere);
    if (found != nullptr) {
      return found;
    }
  }
  return nullptr;
}

Filter::Filter(std::unique_ptr<Rules> rules) : rules_(std::move(rules)) {}
Filter::~Filter() = default;
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;

Result<Filter> Filter::make(const std::vector<RuleText>& rules, RuleReader& reader,
                            const std::string& root) {
  auto made = std::make_unique<Rules>();
  made->root = without_slash(root);
  const std::vector<std::shared_ptr<const DirectoryMerge>> none;
  RuleLoader loader(reader, made->root, none);
  for (const RuleText& rule : rules) {
    TRY(loader.add(rule));
  }
  made->items = std::move(loader.items());
  made->first = Scope::of(made->items);
  return Filter(std::move(made));
}

Filter Filter::at_root(const std::string& root) const {
  auto copy = std::make_unique<Rules>(*rules_);
  copy->root = without_slash(root);
  return Filter(std::move(copy));
}

Result<std::shared_ptr<const Scope>> Filter::enter(const std::shared_ptr<const Scope>& parent,
                                                   const std::string& key,
                                                   RuleReader& reader) const {
  const Scope& above = parent ? *parent : rules_->first;
  auto scope = std::make_shared<Scope>(above);
  if (above.slots.empty()) {
    return parent ? parent : std::shared_ptr<const Scope>(std::move(scope));
  }
  TRY(ScopeReader(reader, rules_->root, key).read(*scope, !parent));
  return scope;
}

Verdict Filter::judge(const Scope& scope, std::string_view path, bool is_directory) const {
  const Subject subject(rules_->root, path, is_directory);
  const Rule* rule = rules_->find(rules_->items, scope, subject, Side::receiver);
  return rule == nullptr ? Verdict{} : Verdict{rule->modifiers.include, rule->text, rule->origin};
}

bool Filter::protects(const Scope& scope, std::string_view path, bool is_directory) const {
  const Subject subject(rules_->root, path, is_directory);
  const Rule* rule = rules_->find(rules_->items, scope, subject, Side::sender);
  return rule != nullptr && !rule->modifiers.include;
}

}  // namespace toolkit::selection
