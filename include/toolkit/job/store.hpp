#pragma once
// Where job records live, and the lock that says whether their writer is alive.
//
// The lock is an exclusive OFD lock (fcntl(2), F_OFD_SETLK) on DIR/NAME/lock. It belongs to the
// open file description, so it works across PID namespaces and containers, and ends with the last
// process that has the descriptor, SIGKILL included. Readers only ask (F_OFD_GETLK) or wait with a
// *shared* lock (F_OFD_SETLKW, F_RDLCK, then close at once): a claim that meets a shared lock waits
// for it to go.

#include <toolkit/base/file.hpp>
#include <toolkit/base/unique_fd.hpp>
#include <toolkit/job/record.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::job {

/// Where jobs are looked for, best first: $TOOLKIT_STATE_DIR alone when it is set; else
/// /run/toolkit, $XDG_RUNTIME_DIR/toolkit, /tmp/toolkit-UID. `get_env` returns null for unset.
[[nodiscard]] std::vector<std::string> state_directories(const char* (*get_env)(const char*));

/// The first of them that we can make or write. /tmp is everybody's, so /tmp/toolkit-UID is refused
/// when it is a symbolic link, somebody else's or writable by others.
[[nodiscard]] Result<std::string> state_directory(const char* (*get_env)(const char*));

/// 1 to 64 of A-Z a-z 0-9 . _ - and no leading dot or dash. Error: usage, naming the rule.
[[nodiscard]] Result<void> check_name(std::string_view name);

/// Holds the lock on DIR/NAME/lock for its lifetime.
class Claim {
 public:
  /// Creates DIR/NAME, readable for everybody whatever the umask. Error `unavailable` when another
  /// supervisor holds the name, naming its pid from the record; an old record stays until write()
  /// or forget_predecessor().
  [[nodiscard]] static Result<Claim> take(const std::string& state_directory,
                                          const std::string& name);
  /// Replaces DIR/NAME/job.json, on disk before it is seen: a reader finds the old record or this
  /// one, never a part.
  [[nodiscard]] Result<void> write(const Record& record);
  /// Removes the record of the job that had the name before. Without one, this job reads as
  /// `starting` while the lock is held. Quicker than a write, of which a start has no need. What
  /// will keep write() from working is an error already here: no room, no right, a directory there.
  [[nodiscard]] Result<void> forget_predecessor();
  [[nodiscard]] const std::string& directory() const { return directory_; }

 private:
  Claim(std::string directory, UniqueFd place, UniqueFd lock)
      : directory_(std::move(directory)), place_(std::move(place)), lock_(std::move(lock)) {}
  std::string directory_;
  UniqueFd place_;  // what directory_ led to when it was claimed: a walk less for every change
  UniqueFd lock_;
};

enum class Holder { alive, gone, unknown };
/// Whether a supervisor holds the lock in this job's directory. Only asks, so nobody is disturbed.
[[nodiscard]] Holder lock_holder(const std::string& job_directory);

/// The record in a job's directory, with state `lost` put in when it had not exited and nobody
/// holds the lock; where the lock cannot be asked, when it was written under another boot id. A
/// held lock wins over the boot id: the writer may be on another node that shares the volume.
[[nodiscard]] Result<Record> read_record(const std::string& job_directory);

}  // namespace toolkit::job
