#pragma once
// Rules from where they are written to lists in force: options, files, files that name files.

#include "rule.hpp"
#include "rule_syntax.hpp"

#include <toolkit/selection/filter.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::selection {

/// The directory whose merge file is being read, as an absolute path with a slash at its end; and
/// its key, if it lies in the source.
struct MergePlace {
  std::string path;
  std::optional<std::string> key;
};

class RuleLoader {
 public:
  /// `place`: nothing for rules of the user. `root`: as for Filter::make. `known`: the
  /// per-directory merges that are in force already. All borrowed.
  RuleLoader(RuleReader& reader, const std::string& root,
             const std::vector<std::shared_ptr<const DirectoryMerge>>& known,
             std::optional<MergePlace> place = std::nullopt);

  [[nodiscard]] Result<void> add(const RuleText& rule);
  /// The rules of a file whose bytes are here; `name` is for messages.
  [[nodiscard]] Result<void> add_file(std::string_view bytes, const std::string& name,
                                      const Modifiers& defaults, Grammar grammar);

  [[nodiscard]] RuleItems& items() { return items_; }
  /// Whether a "!" stood in the text: then what was inherited counts no more.
  [[nodiscard]] bool cleared() const { return cleared_; }

 private:
  Result<void> add_rule(std::string_view text, const std::string& origin, const Modifiers& defaults,
                        Grammar grammar);
  Result<void> merge(const ParsedRule& rule, std::string_view text, const std::string& origin);
  Result<void> add_cvs_rules(Modifiers modifiers);
  void merge_in_directories(const ParsedRule& rule);
  void hide(const std::string& file, const std::string& origin);
  Result<std::string> read(const std::string& path);

  RuleReader& reader_;
  const std::string& root_;
  const std::vector<std::shared_ptr<const DirectoryMerge>>& known_;
  std::optional<MergePlace> place_;
  std::shared_ptr<const CvsRules> cvs_;  // once made
  RuleItems items_;
  bool cleared_ = false;
  int depth_ = 0;
};

/// The last component of a path.
[[nodiscard]] std::string last_name(const std::string& path);

}  // namespace toolkit::selection
