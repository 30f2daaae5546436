#pragma once
// Where filter rules are read from: the user's files, and merge files in the source.

#include <toolkit/selection/filter.hpp>
#include <toolkit/store/store.hpp>

namespace toolkit::sync {

class RuleFiles : public selection::RuleReader {
 public:
  using GetEnv = const char* (*)(const char*);
  /// Null: rules of the command line only, before there is a source. Borrowed.
  RuleFiles(store::Store* source, GetEnv get_env) : source_(source), get_env_(get_env) {}
  [[nodiscard]] Result<std::string> read_file(const std::string& path) override;
  [[nodiscard]] Result<std::string> read_in_tree(const std::string& key) override;
  /// As in rsync, a $HOME/.cvsignore that cannot be read is none.
  [[nodiscard]] std::string cvs_patterns() override;

 private:
  store::Store* source_;
  GetEnv get_env_;
};

}  // namespace toolkit::sync
