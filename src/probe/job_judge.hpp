#pragma once
// What the looks at a job mean for who waits for it. Pure: time is an argument.

#include "ended.hpp"
#include "job_sight.hpp"

#include <optional>
#include <string>

namespace toolkit::probe {

struct JobWish {
  bool running = false;   // state=running: until it runs, not until it is over
  bool only_new = false;  // new=yes: not the job that the first look finds
  WantedCodes codes;
};

class JobJudge {
 public:
  explicit JobJudge(JobWish wish) : wish_(std::move(wish)) {}

  /// The finding, or nothing while the look must be repeated at look_again() before it counts: a
  /// supervisor that starts has its lock file for a moment before it has the lock.
  [[nodiscard]] std::optional<Finding> judge(const JobSight& sight, SteadyTime now);
  [[nodiscard]] SteadyTime look_again() const;

 private:
  [[nodiscard]] bool is_old(const JobSight& sight);
  [[nodiscard]] bool was_replaced(const job::Record& record);
  [[nodiscard]] Finding judge_record(const JobSight& sight);

  JobWish wish_;
  bool looked_ = false;
  std::optional<std::string> old_generation_;  // of the job that only_new passes over
  std::string generation_;                     // of the job that is waited for, once it is seen
  std::optional<SteadyTime> doubtful_since_;
  Milliseconds doubt_{0};
};

}  // namespace toolkit::probe
