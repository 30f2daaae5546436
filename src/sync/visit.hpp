#pragma once
// One directory of a source, held against the destination's: what differs becomes a task.

#include "crew.hpp"
#include "far_directories.hpp"
#include "name_set.hpp"
#include "pass.hpp"

#include <string>

namespace toolkit::sync {

/// On the walking thread.
class Visitor {
 public:
  /// Borrows all of them.
  Visitor(Session& session, const PassOptions& options, Crew& crew);

  /// Error: the destination cannot be reached.
  [[nodiscard]] Result<void> visit(Source& source, selection::Directory directory);

 private:
  void consider(Source& source, selection::Found found, const Listing& listing);
  [[nodiscard]] bool is_taken(const std::string& destination);
  [[nodiscard]] bool is_no_file(const Source& source, const selection::Found& found);
  [[nodiscard]] bool is_unchanged(const std::string& destination, const store::Entry& entry,
                                  const store::Entry& there) const;
  void leave_as_it_is(const std::string& destination, const store::Entry& entry, const char* why);

  Session& session_;
  const PassOptions& options_;
  Crew& crew_;
  store::Capabilities can_;
  bool trusting_;  // what was seen here is not asked of the destination
  FarDirectories directories_;
  NameSet names_;  // of all sources, when there are several
};

}  // namespace toolkit::sync
