#pragma once
// Pure: what has become of the files that we know in one directory. logrotate renames them and
// makes new ones, or copies and truncates them; names and inodes alone do not tell (vector#25079).

#include "journal.hpp"

#include <functional>
#include <string>
#include <vector>

namespace toolkit::sync {

/// A regular file as it is listed now; `key` as in the records.
struct Listed {
  std::string key;
  store::Identity identity;
  std::uint64_t size = 0;
};

struct Rename {
  std::string from, to;
  bool over = false;  // a file of ours has that name at the destination, and went nowhere
  bool operator==(const Rename&) const = default;
};

struct Rotation {
  std::vector<Rename> renames;         // in an order in which none loses what the next one moves
  std::vector<std::string> truncated;  // shorter than what is proven of them
  std::vector<std::string> replaced;   // the name has another file now
  std::vector<std::string> gone;       // the name has none
};

/// Whether a listed file still has the head and the marker of a record: by its key.
using StillHas = std::function<Result<bool>(const std::string& key, const FileRecord& record)>;

/// `records` of one directory and its listing. Asks `still_has` only where identities are in
/// question: of files that may be what a record's file is called now, or a copy of what a truncated
/// one held. An error of it ends the judging, but for not_found.
[[nodiscard]] Result<Rotation> judge_rotation(const std::vector<FileRecord>& records,
                                              const std::vector<Listed>& listing,
                                              const StillHas& still_has);

}  // namespace toolkit::sync
