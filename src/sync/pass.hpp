#pragma once
// One pass over all sources: walks them, holds each directory against the destination's, and gives
// what differs to the workers.

#include "seen.hpp"
#include "session.hpp"
#include "tree_events.hpp"

#include <toolkit/selection/walk.hpp>

namespace toolkit::sync {

struct PassOptions {
  bool last = false;             // what grew latest goes first
  Seen* seen = nullptr;          // of `follow`; null: every file is held against the destination
  TreeEvents* events = nullptr;  // learns the directories
};

/// Error: the destination cannot be listed or reached at all. What concerns one file or directory
/// is told to the tally.
[[nodiscard]] Result<void> run_pass(Session& session, const PassOptions& options);

}  // namespace toolkit::sync
