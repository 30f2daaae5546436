#pragma once
// rsync's filter rules (rsync(1), FILTER RULES): which names are transferred. Rules are tried in
// order, the first that matches decides, and what no rule matches is included. Matching is on
// bytes.

#include <toolkit/base/result.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::selection {

/// As on rsync's command line, in the order given.
struct RuleText {
  enum class Form { include, exclude, filter, include_from, exclude_from };
  Form form = Form::filter;
  std::string text;  // the pattern, the rule, or the file ("-" is stdin)
};

struct Verdict {
  bool included = true;
  std::string rule;    // as rsync would print it: "- *.tmp"; empty: no rule matched
  std::string origin;  // where it was written: "--exclude", "rules.txt:3", ".rsync-filter:1"
};

/// What reads merge files and rule files: the bytes, or not_found. `path` is as written, or below
/// the transfer root for per-directory ones.
class RuleReader {
 public:
  virtual ~RuleReader() = default;
  /// A file of the user: --include-from, "merge FILE".
  [[nodiscard]] virtual Result<std::string> read_file(const std::string& path) = 0;
  /// A per-directory merge file below the source's root.
  [[nodiscard]] virtual Result<std::string> read_in_tree(const std::string& key) = 0;
  /// What the rule "-C" knows beside its own patterns: $HOME/.cvsignore, then $CVSIGNORE.
  [[nodiscard]] virtual std::string cvs_patterns() { return {}; }
};

/// The rules in force in one directory. Cheap to copy; a child's scope is made from its parent's.
class Scope;

class Filter {
 public:
  /// `root`: the absolute path of the transfer root, for rules with the modifier "/" and merge
  /// files in its parents (": /.rsync-filter"); empty where it has none. Errors: usage, naming the
  /// rule, where it stands and what is wrong with it; those of the reader.
  [[nodiscard]] static Result<Filter> make(const std::vector<RuleText>& rules, RuleReader& reader,
                                           const std::string& root = {});
  ~Filter();
  Filter(Filter&&) noexcept;
  Filter& operator=(Filter&&) noexcept;

  /// The same rules for a source whose root is another directory.
  [[nodiscard]] Filter at_root(const std::string& root) const;

  /// The scope of the directory `key` ("" is the root): its parent's, and its own merge files. Null
  /// for the parent of the first one.
  [[nodiscard]] Result<std::shared_ptr<const Scope>> enter(
      const std::shared_ptr<const Scope>& parent, const std::string& key, RuleReader& reader) const;
  /// `path` is what anchored patterns see: below the transfer root, "a/b.log" (as Walk's
  /// keys).
  [[nodiscard]] Verdict judge(const Scope& scope, std::string_view path, bool is_directory) const;
  /// Whether a file of that name, met in a directory that is not walked into, would be kept by a
  /// --delete (rules P and R, and excludes). The modifier "/" looks at the source's path here too;
  /// at rsync's receiver it looks at the destination's.
  [[nodiscard]] bool protects(const Scope& scope, std::string_view path, bool is_directory) const;

 private:
  struct Rules;
  explicit Filter(std::unique_ptr<Rules> rules);
  std::unique_ptr<Rules> rules_;
};

}  // namespace toolkit::selection
