#include "rotation.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace toolkit::sync {
namespace {

using Number = std::pair<std::uint64_t, std::uint64_t>;
Number number_of(const store::Identity& identity) { return {identity.device, identity.inode}; }

// Moves onto a name come behind the move away from it. Rings have no beginning and are left out:
// what is in them is sent anew.
std::vector<Rename> in_order(const std::vector<Rename>& moves, const std::set<std::string>& known) {
  std::map<std::string, std::string> from_of;  // to -> from
  std::set<std::string> leaving;
  for (const Rename& move : moves) {
    from_of[move.to] = move.from;
    leaving.insert(move.from);
  }
  std::vector<Rename> ordered;
  // From the end of each chain back to its beginning: x.log.2, x.log.1, x.log.
  for (const Rename& last : moves) {
    if (leaving.contains(last.to)) {
      continue;  // in the middle of a chain
    }
    const bool over = known.contains(last.to);
    for (auto step = from_of.find(last.to); step != from_of.end();
         step = from_of.find(step->second)) {
      ordered.push_back({step->second, step->first, over && step->first == last.to});
    }
  }
  return ordered;
}

class Judge {
 public:
  Judge(const std::vector<FileRecord>& records, const std::vector<Listed>& listing,
        const StillHas& still_has)
      : records_(records), still_has_(still_has) {
    for (const Listed& file : listing) {
      by_key_[file.key] = &file;
      if (file.identity != store::Identity{}) {
        by_number_[number_of(file.identity)].push_back(&file);
      }
    }
    for (const FileRecord& record : records) {
      known_.insert(record.key);
    }
  }

  Result<Rotation> run() {
    for (const FileRecord& record : records_) {
      const auto place = by_key_.find(record.key);
      const Listed* const named = place != by_key_.end() ? place->second : nullptr;
      if (named != nullptr && named->identity == record.identity) {
        if (named->size < record.proven) {
          rotation_.truncated.push_back(record.key);
          TRY(was_copied(record));
        }
        continue;
      }
      TRY(has_moved(record));
      (named != nullptr ? rotation_.replaced : rotation_.gone).push_back(record.key);
    }
    rotation_.renames = in_order(std::move(moves_), known_);
    return std::move(rotation_);
  }

 private:
  // Looks for the file under another name. A reused inode is told apart by what is in it; of
  // nothing proven nothing can be told, and nothing would be saved.
  Result<void> has_moved(const FileRecord& record) {
    const auto place = by_number_.find(number_of(record.identity));
    if (place == by_number_.end()) {
      return {};
    }
    for (const Listed* const file : place->second) {  // several: hard links
      TRY_ASSIGN(const bool moved, takes_over(record, *file));
      if (moved) {
        break;
      }
    }
    return {};
  }

  // copytruncate: its bytes are in a new file, whose name begins with its own (x.log.1). What is at
  // the destination is that one now.
  Result<void> was_copied(const FileRecord& record) {
    for (auto place = by_key_.upper_bound(record.key);
         place != by_key_.end() && place->first.starts_with(record.key); ++place) {
      TRY_ASSIGN(const bool copied, takes_over(record, *place->second));
      if (copied) {
        break;
      }
    }
    return {};
  }

  // Whether it goes on as that file; then that is one of the moves.
  Result<bool> takes_over(const FileRecord& record, const Listed& file) {
    if (record.proven == 0 || file.size < record.proven || file.key == record.key ||
        taken_.contains(file.key) || is_recorded_as_itself(file)) {
      return false;
    }
    auto same = still_has_(file.key, record);
    if (!same && same.error().kind == ErrorKind::not_found) {
      return false;  // renamed once more since it was listed
    }
    TRY(same);
    if (*same) {
      taken_.insert(file.key);
      moves_.push_back({record.key, file.key, false});
    }
    return *same;
  }

  // We have brought this very file over under this very name already.
  bool is_recorded_as_itself(const Listed& file) const {
    return std::any_of(records_.begin(), records_.end(), [&](const FileRecord& record) {
      return record.key == file.key && record.identity == file.identity;
    });
  }

  const std::vector<FileRecord>& records_;
  const StillHas& still_has_;
  std::map<std::string, const Listed*> by_key_;
  std::map<Number, std::vector<const Listed*>> by_number_;
  std::set<std::string> known_, taken_;
  std::vector<Rename> moves_;
  Rotation rotation_;
};

}  // namespace

Result<Rotation> judge_rotation(const std::vector<FileRecord>& records,
                                const std::vector<Listed>& listing, const StillHas& still_has) {
  return Judge(records, listing, still_has).run();
}

}  // namespace toolkit::sync
