#pragma once
// What all the threads of one sync share.

#include "growing.hpp"
#include "halt.hpp"
#include "held.hpp"
#include "ledger.hpp"
#include "places.hpp"
#include "tally.hpp"
#include "task.hpp"
#include "throttle.hpp"

#include <toolkit/selection/filter.hpp>
#include <toolkit/sync/options.hpp>

#include <atomic>
#include <memory>
#include <unordered_set>

namespace toolkit::sync {

struct Session {
  Session(Options what, Observer& observer) : options(std::move(what)), tally(observer) {}

  Options options;
  Halt halt;
  Places places;
  std::unique_ptr<const selection::Filter> filter;  // of an engine
  GrowingNames growing;
  Ledger ledger;
  Tally tally;
  std::unique_ptr<Throttle> throttle;
  std::unordered_set<std::string> made_directories;  // of the walking thread
  Held held;
  std::atomic<std::uint64_t> moved{0};   // growing files that were renamed under the pass's eyes
  std::atomic<bool> take_moved{false};   // and are to be taken as what they are now
  std::atomic<bool> out_of_time{false};  // --timeout: nothing is waited for any more
  std::atomic<bool> may_write{true};     // false: the claim could not be renewed for too long
};

}  // namespace toolkit::sync
