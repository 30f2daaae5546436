#pragma once
// Where filter rules are read from: the user's files, and merge files in the source.

#include <toolkit/selection/filter.hpp>
#include <toolkit/store/store.hpp>

namespace toolkit::sync {

class RuleFiles : public selection::RuleReader {
 public:
  /// Null: rules of the command line only, before there is a source. Borrowed.
  explicit RuleFiles(store::Store* source) : source_(source) {}
  [[nodiscard]] Result<std::string> read_file(const std::string& path) override;
  [[nodiscard]] Result<std::string> read_in_tree(const std::string& key) override;

 private:
  store::Store* source_;
};

}  // namespace toolkit::sync
