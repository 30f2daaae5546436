#pragma once
// Where job records live, and the lock that says whether their writer is alive.

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/job/record.hpp>

#include <string>
#include <string_view>

namespace toolkit::job {

/// $TOOLKIT_STATE_DIR, else /run/toolkit if we can make or write it, else $XDG_RUNTIME_DIR/toolkit, else
/// /tmp/toolkit-UID (refused when it is somebody else's or a symbolic link). `get_env` returns null for unset.
[[nodiscard]] Result<std::string> state_directory(const char* (*get_env)(const char*));

/// 1 to 64 of A-Z a-z 0-9 . _ - and no leading dot or dash. Error: usage, naming the rule.
[[nodiscard]] Result<void> check_name(std::string_view name);

/// Holds the exclusive lock on DIR/NAME/lock for its lifetime (OFD lock: works across PID namespaces,
/// ends with the last process that holds the descriptor, SIGKILL included; F_OFD_SETLKW wakes waiters).
class Claim {
 public:
  /// Creates DIR/NAME (0755). Error `unavailable` when another supervisor holds the name, naming its pid
  /// from the record; an old record is replaced by the first write().
  [[nodiscard]] static Result<Claim> take(const std::string& state_directory, const std::string& name);
  [[nodiscard]] Result<void> write(const Record& record);
  [[nodiscard]] const std::string& directory() const { return directory_; }

 private:
  Claim(std::string directory, UniqueFd lock) : directory_(std::move(directory)), lock_(std::move(lock)) {}
  std::string directory_;
  UniqueFd lock_;
};

/// The record in a job's directory, with state `lost` put in when nobody holds the lock and it had not
/// exited, or when it was written under another boot id.
[[nodiscard]] Result<Record> read_record(const std::string& job_directory);

}  // namespace toolkit::job
