#include "scope.hpp"

#include "tree_path.hpp"

namespace toolkit::selection {
namespace {

const auto kNoItems = std::make_shared<const RuleItems>();

using MergePointer = std::shared_ptr<const DirectoryMerge>;

// Of the merges that a list names, those that have no slot yet.
void add_slots(const RuleItems& items, Scope& scope) {
  for (const RuleItem& item : items) {
    const auto* merge = std::get_if<MergePointer>(&item);
    if (merge != nullptr && scope.items_of(**merge) == nullptr) {
      scope.slots.push_back({*merge, kNoItems});
    }
  }
}

}  // namespace

Scope Scope::of(const RuleItems& items) {
  Scope scope;
  add_slots(items, scope);
  return scope;
}

const RuleItems* Scope::items_of(const DirectoryMerge& merge) const {
  for (const Slot& slot : slots) {
    if (slot.merge.get() == &merge) {
      return slot.items.get();
    }
  }
  return nullptr;
}

std::vector<MergePointer> Scope::merges() const {
  std::vector<MergePointer> all;
  for (const Slot& slot : slots) {
    all.push_back(slot.merge);
  }
  return all;
}

ScopeReader::ScopeReader(RuleReader& reader, const std::string& root, const std::string& key)
    : reader_(reader), root_(root), key_(key), path_(root + "/" + (key.empty() ? "" : key + "/")) {}

Result<void> ScopeReader::read(Scope& scope, bool first) {
  const std::size_t old_slots = first ? 0 : scope.slots.size();
  for (std::size_t i = 0; i < scope.slots.size(); ++i) {  // a file may name another one
    TRY(read_slot(scope, i, i >= old_slots));
  }
  return {};
}

Result<void> ScopeReader::read_slot(Scope& scope, std::size_t index, bool is_new) {
  const MergePointer merge = scope.slots[index].merge;
  if (!merge->modifiers.inherited) {
    scope.slots[index].items = kNoItems;
  } else if (is_new) {
    TRY(read_parents(scope, index));
  }
  const std::string file = child_key(key_, merge->name);
  return add(scope, index, reader_.read_in_tree(file), file, {path_, key_});
}

// ": /.rsync-filter" also looks into the directories above the source, from the one it names on.
Result<void> ScopeReader::read_parents(Scope& scope, std::size_t index) {
  const MergePointer merge = scope.slots[index].merge;
  const std::string& path = merge->path;
  if (root_.empty() || path.find('/') == std::string::npos) {
    return {};
  }
  auto first = join_key("", (path.front() == '/' ? "" : path_) + path + "/..");
  if (!first || !is_within(path_.substr(1, path_.size() - 2), *first)) {
    return {};
  }
  std::string directory = first->empty() ? "/" : "/" + *first + "/";
  while (directory.size() < path_.size()) {
    TRY(add(scope, index, reader_.read_file(directory + merge->name), directory + merge->name,
            {directory, std::nullopt}));
    directory = path_.substr(0, path_.find('/', directory.size()) + 1);
  }
  return {};
}

Result<void> ScopeReader::add(Scope& scope, std::size_t index, const Result<std::string>& bytes,
                              const std::string& name, const MergePlace& place) {
  if (!bytes) {
    return bytes.error().kind == ErrorKind::not_found ? Result<void>{} : Failure(bytes.error());
  }
  const std::vector<MergePointer> known = scope.merges();
  RuleLoader loader(reader_, root_, known, place);
  TRY(loader.add_file(*bytes, name, scope.slots[index].merge->modifiers, Grammar::rules));
  RuleItems items = std::move(loader.items());
  add_slots(items, scope);
  if (!loader.cleared()) {
    const RuleItems& inherited = *scope.slots[index].items;
    items.insert(items.end(), inherited.begin(), inherited.end());
  }
  scope.slots[index].items = std::make_shared<const RuleItems>(std::move(items));
  return {};
}

}  // namespace toolkit::selection
