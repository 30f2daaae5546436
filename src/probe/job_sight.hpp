#pragma once
// One look at a job from outside: which directory it is in, and what its record and its lock say.

#include <toolkit/job/record.hpp>
#include <toolkit/probe/probe.hpp>

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace toolkit::probe {

struct JobSight {
  std::optional<job::Record> record;             // state lost put in, job/store.hpp
  job::State last_state = job::State::starting;  // that the record itself has
  std::string directory;                         // where it was found; empty: nowhere
  Reason reason = Reason::none;                  // without a record: why
  std::string words;
};

/// The first of `directories` that has a record counts. Blocks as long as the file system does.
[[nodiscard]] JobSight look_at_job(const std::vector<std::string>& directories);

/// Changes whenever the record does: each one is a new file.
struct RecordStamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t seconds = 0, nanoseconds = 0;  // of the last change of the inode
  friend bool operator==(const RecordStamp&, const RecordStamp&) = default;
};
/// Nothing where no record is. Blocks as long as the file system does.
[[nodiscard]] std::optional<RecordStamp> stamp_of_record(const std::string& directory);

}  // namespace toolkit::probe
