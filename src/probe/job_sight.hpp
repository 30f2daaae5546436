#pragma once
// One look at a job from outside: which directory it is in, and what its record and its lock say.

#include <toolkit/job/record.hpp>
#include <toolkit/probe/probe.hpp>

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

}  // namespace toolkit::probe
