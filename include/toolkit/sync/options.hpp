#pragma once
// Everything that `sync` can be asked for, as plain data with the defaults that --help states.

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/duration.hpp>
#include <toolkit/selection/walk.hpp>
#include <toolkit/store/open_store.hpp>

#include <optional>
#include <string>
#include <vector>

namespace toolkit::sync {

/// What becomes of a growing file at the destination when the source's is not its continuation:
/// the old one is renamed to NAME.~1~, .~2~, …; is replaced; or is left alone, and that is an
/// error.
enum class OnRewrite { keep, replace, fail };

struct SelectionOptions {
  std::vector<selection::RuleText> rules;
  selection::Links links = selection::Links::inside;
  selection::Limits limits;
  bool prune_empty_directories = false;
  std::vector<std::string> growing;  // patterns of names; empty: the usual ones
  std::vector<std::string> whole;    // patterns of names that are never grown in place
};

struct TransferOptions {
  bool all_growing = false;  // --append: every file is one that grows
  bool checksum = false;     // prove every byte, whatever sizes and times say
  OnRewrite on_rewrite = OnRewrite::keep;
  std::optional<std::size_t> jobs;  // none: what the stores like best
  std::uint64_t bandwidth = 0;      // bytes a second, 0 for no limit
  int retries = 5;                  // of a file, each on a fresh connection
  Milliseconds retry_delay{500};    // the first pause is at most this long; then twice, up to 30 s
  std::uint64_t minimum_free = 0;   // bytes that must stay free at the destination
  bool dry_run = false;
};

struct FollowOptions {
  bool follow = false;
  Milliseconds interval{10'000};  // between two looks at what sends no events
  Milliseconds maximum_lag{1'000};
  std::vector<std::string> until;  // conditions as of `toolkit wait`; one is enough
  Milliseconds grace{25'000};      // for the last flush
  std::string status_file;
};

struct Options {
  std::vector<store::Location> sources;
  store::Location destination;
  store::Settings store;
  SelectionOptions selection;
  TransferOptions transfer;
  FollowOptions follow;
  Milliseconds timeout{0};        // of all of it, 0 for none
  std::string journal_directory;  // empty: no journal, and every start proves anew
  std::string state_directory;    // of job records, for `until`; empty: the usual places
};

}  // namespace toolkit::sync
