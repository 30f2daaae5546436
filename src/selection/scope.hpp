#pragma once
// What of the per-directory merge files is in force in one directory.

#include "rule.hpp"
#include "rule_loader.hpp"

#include <toolkit/selection/filter.hpp>

#include <memory>
#include <vector>

namespace toolkit::selection {

class Scope {
 public:
  struct Slot {
    std::shared_ptr<const DirectoryMerge> merge;
    std::shared_ptr<const RuleItems> items;  // the directory's own, then those of its parents
  };
  std::vector<Slot> slots;

  /// With a slot for each merge that the rules name, and nothing read yet.
  [[nodiscard]] static Scope of(const RuleItems& items);
  /// The rules that stand for this merge here; null for none.
  [[nodiscard]] const RuleItems* items_of(const DirectoryMerge& merge) const;
  [[nodiscard]] std::vector<std::shared_ptr<const DirectoryMerge>> merges() const;
};

/// Looks for the merge files of a directory and puts them into `scope`, which is its parent's.
class ScopeReader {
 public:
  /// Both borrowed; `root` as for Filter::make, without a slash at its end.
  ScopeReader(RuleReader& reader, const std::string& root, const std::string& key);
  [[nodiscard]] Result<void> read(Scope& scope, bool first);

 private:
  Result<void> read_slot(Scope& scope, std::size_t index, bool is_new);
  Result<void> read_parents(Scope& scope, std::size_t index);
  Result<void> add(Scope& scope, std::size_t index, const Result<std::string>& bytes,
                   const std::string& name, const MergePlace& place);

  RuleReader& reader_;
  const std::string& root_;
  std::string key_;
  std::string path_;  // absolute, with a slash at its end
};

}  // namespace toolkit::selection
