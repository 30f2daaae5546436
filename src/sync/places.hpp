#pragma once
// Where the files of a sync come from and go to: what trailing slashes mean, as in rsync(1).

#include <toolkit/store/open_store.hpp>
#include <toolkit/sync/options.hpp>

#include <memory>
#include <string>
#include <vector>

namespace toolkit::sync {

struct Source {
  std::unique_ptr<store::Store> store;
  std::string only;  // the one name of its root that is wanted; empty: all of it
  std::string root;  // the absolute path of its root where it has one
  bool is_directory = true;
  bool is_there = true;  // false: it may come, and nobody knows yet what it will be
  std::string renamed;   // what that one file is called at the destination; empty: as it is here
};

struct Places {
  std::vector<Source> sources;
  std::unique_ptr<store::Store> destination;
};

/// Errors: as of open_places. `may_come`: one that is not there yet is no error.
[[nodiscard]] Result<Source> open_source(const store::Location& location,
                                         const store::Settings& settings, bool may_come = false);
[[nodiscard]] selection::WalkOptions walk_options(const Source& source,
                                                  const SelectionOptions& selection);

/// A SRC with a trailing slash means its contents, else itself. A DEST that is no directory yet and
/// has no trailing slash is the new name when SRC is a single file. Errors: usage (DEST inside SRC,
/// several SRC into one name), not_found, denied, unavailable.
[[nodiscard]] Result<Places> open_places(const std::vector<store::Location>& sources,
                                         const store::Location& destination,
                                         const store::Settings& settings, bool may_come = false);

}  // namespace toolkit::sync
