#pragma once
// The walk over a store, inside the part: Walk, and what it says about one name.

#include "link_resolver.hpp"
#include "scope.hpp"

#include <toolkit/selection/walk.hpp>

#include <memory>
#include <string>
#include <vector>

namespace toolkit::selection {

/// Reads merge files of one directory only where its listing has them, and follows links to them.
class ListedReader : public RuleReader {
 public:
  /// `key`: what the rules call the directory; `real`: where it lies. All are borrowed.
  ListedReader(RuleReader& reader, const std::string& key, const std::string& real,
               const std::vector<store::Entry>& entries, LinkResolver& links)
      : reader_(reader), key_(key), real_(real), entries_(entries), links_(links) {}
  [[nodiscard]] Result<std::string> read_file(const std::string& path) override;
  [[nodiscard]] Result<std::string> read_in_tree(const std::string& key) override;
  [[nodiscard]] std::string cvs_patterns() override { return reader_.cvs_patterns(); }

 private:
  RuleReader& reader_;
  const std::string& key_;
  const std::string& real_;
  const std::vector<store::Entry>& entries_;
  LinkResolver& links_;
};

class TreeWalk : public Walk {
 public:
  TreeWalk(store::Store& source, const Filter& filter, RuleReader& reader, WalkOptions options);
  [[nodiscard]] Result<std::optional<Directory>> next() override;

  /// Of what was found so far, only this directory is still walked into; no errors are told of
  /// names beside it.
  void go_only_to(const std::string& key);
  /// What the rules said about this name since it was watched; nothing while it was not met.
  void watch(const std::string& key);
  [[nodiscard]] const std::optional<Verdict>& watched() const { return watched_verdict_; }

 private:
  // The directories that lead to one, by where they really lie: none is walked inside itself.
  struct Way {
    std::string real;
    std::shared_ptr<const Way> above;
    int links = 0;  // so many of them were followed
  };
  struct Pending {
    std::string key;
    std::shared_ptr<const Way> way;
    std::shared_ptr<const Scope> above;  // the parent's scope
  };

  Result<Directory> walk_into(const Pending& pending);
  Result<Directory> start();
  void consider_all(const Pending& in, const Scope& scope, std::vector<store::Entry> entries,
                    Directory& directory);
  Result<void> consider(const Pending& in, const Scope& scope, store::Entry entry,
                        Directory& directory);
  Result<void> consider_link(const Pending& in, const Scope& scope, const std::string& real,
                             store::Entry entry, Directory& directory);
  void take_file(const std::string& key, const std::string& real, store::Entry entry,
                 Directory& directory);
  void take_directory(const Pending& in, const std::string& key, const std::string& real, int links,
                      Directory& directory);
  [[nodiscard]] bool is_included(const Scope& scope, const std::string& key, bool is_directory);
  [[nodiscard]] std::string limit_of(const store::Entry& entry) const;
  void leave_out(const std::string& key, std::string why);

  store::Store& source_;
  Filter filter_;
  RuleReader& reader_;
  WalkOptions options_;
  std::string inside_;            // what links must not leave
  std::vector<Pending> pending_;  // the next one last
  std::vector<Pending> below_;    // found in the directory at hand
  std::vector<Error> errors_;     // of single names, told after their directory
  std::string watched_key_;
  std::optional<Verdict> watched_verdict_;
  bool started_ = false;
};

}  // namespace toolkit::selection
