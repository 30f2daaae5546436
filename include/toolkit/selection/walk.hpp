#pragma once
// What of a source is to be transferred, a directory at a time, in the order of the names, so that
// a million files need no memory for all of them at once.

#include <toolkit/selection/filter.hpp>
#include <toolkit/store/store.hpp>

#include <functional>

namespace toolkit::selection {

/// What becomes of symbolic links. `inside`: followed when the target lies inside the source's root
/// (Kubernetes' ..data), or inside what is wanted of it, else told and left out; `skip`: told and
/// left out. A directory that is followed is walked under the link's name. Links that lead to a
/// directory that they lie in are left out, and so are the ones below eight others.
enum class Links { inside, skip };

struct Limits {
  std::optional<std::uint64_t> maximum_size, minimum_size;
  std::optional<std::int64_t> newer;  // nanoseconds since 1970: modified at or after
};

struct WalkOptions {
  // The one name of the root that is wanted: of a SRC without a trailing slash, "a" of "/x/a" with
  // the root /x, so that the rules see "a/…" as rsync's do. Empty: all of the root.
  std::string only;
  bool recursive = true;
  Links links = Links::inside;
  Limits limits;
  // The absolute path of the source's root, if it lies on this machine: for links with absolute
  // targets, and for rules as Filter::make says, whatever root the filter was made with.
  std::string root;
};

struct Found {
  std::string key;   // below the source's root: the name it is transferred under
  std::string real;  // the key to open it by: another one behind a link that was followed
  store::Entry entry;
};

/// Why something was left out, for --dry-run and messages.
struct LeftOut {
  std::string key;
  std::string why;  // "rule - *.tmp (--exclude)", "larger than --max-size", "a symbolic link out of
                    // the source"
};

struct Directory {
  std::string key;                       // "" is the root
  std::vector<Found> files;              // regular files to transfer
  std::vector<std::string> directories;  // keys of those that are walked into later
  // For --prune-empty-dirs: it holds a file that the rules include, though a limit may have left it
  // out, or a rule of the user protects it (rsync(1), --prune-empty-dirs).
  bool worth_keeping = false;
};

class Walk {
 public:
  /// Borrows the source and the reader.
  static std::unique_ptr<Walk> of(store::Store& source, const Filter& filter, RuleReader& reader,
                                  WalkOptions options);
  virtual ~Walk() = default;
  /// The next directory, parents before children; nothing at the end. An error concerns one
  /// directory ("cannot read /a/b: permission denied"), and the walk goes on with the next call.
  [[nodiscard]] virtual Result<std::optional<Directory>> next() = 0;
  /// Called for everything that is left out; null for silence.
  std::function<void(const LeftOut&)> tell;
};

}  // namespace toolkit::selection
