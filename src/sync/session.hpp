#pragma once
// What all the threads of one sync share.

#include "growing.hpp"
#include "halt.hpp"
#include "ledger.hpp"
#include "places.hpp"
#include "tally.hpp"
#include "throttle.hpp"

#include <toolkit/selection/filter.hpp>
#include <toolkit/sync/options.hpp>

#include <unordered_set>

namespace toolkit::sync {

/// A file that the walk has found, and what is known of it at the destination.
struct Task {
  store::Store* source = nullptr;
  std::string open_by;      // its key at the source
  std::string destination;  // its key at the destination, and its name in messages
  store::Entry entry;       // as the walk saw it
  std::optional<store::Entry> there;
  bool look_first = false;  // nobody has looked yet what is there
  bool growing = false;
};

struct Session {
  Session(Options what, Observer& observer) : options(std::move(what)), tally(observer) {}

  Options options;
  Halt halt;
  Places places;
  std::optional<selection::Filter> filter;
  GrowingNames growing;
  Ledger ledger;
  Tally tally;
  std::unique_ptr<Throttle> throttle;
  std::unordered_set<std::string> made_directories;  // of the walking thread
};

}  // namespace toolkit::sync
