#pragma once
// One probe at work: what it says, and how it ended.

#include "lines.hpp"
#include "watch.hpp"

namespace toolkit::gpu {

struct Running {
  ProbePlan plan;
  pid_t pid;
  UniqueFd lines;
  LineReader reader;
  Watch::Clock::time_point begin, last_word;
  bool passed_on = false, reaped = false;
  ProbeOutcome outcome;

  /// Everything that is there to be read; closes at the end.
  void listen();
  /// Has it ended? A child that somebody else reaped is judged by its last line.
  void reap();
  void kill_it();
  /// The end of one that had to be killed, or that cannot be: looked for until `last`.
  void bury(Watch::Clock::time_point last);

 private:
  void finish(std::string state, std::string detail);
};

}  // namespace toolkit::gpu
