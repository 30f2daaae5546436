#pragma once
// Where the files of a sync come from and go to: what trailing slashes mean, as in rsync(1).

#include <toolkit/store/open_store.hpp>

#include <memory>
#include <string>
#include <vector>

namespace toolkit::sync {

struct Source {
  std::unique_ptr<store::Store> store;
  std::string only;     // the one name of its root that is wanted; empty: all of it
  std::string renamed;  // what that one file is called at the destination; empty: as it is here
};

struct Places {
  std::vector<Source> sources;
  std::unique_ptr<store::Store> destination;
};

/// A SRC with a trailing slash means its contents, else itself. A DEST that is no directory yet and
/// has no trailing slash is the new name when SRC is a single file. Errors: usage (DEST inside SRC,
/// several SRC into one name), not_found, denied, unavailable.
[[nodiscard]] Result<Places> open_places(const std::vector<store::Location>& sources,
                                         const store::Location& destination,
                                         const store::Settings& settings);

}  // namespace toolkit::sync
