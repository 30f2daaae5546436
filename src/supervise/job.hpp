#pragma once
// What the options mean here: names expanded, files read, users looked up. Made once, before the
// first child; everything that can be wrong with the options is found here.

#include "names.hpp"

#include <toolkit/environment/snapshot.hpp>
#include <toolkit/process/child.hpp>
#include <toolkit/supervise/options.hpp>

#include <optional>
#include <string>

namespace toolkit::supervise {

struct Job {
  std::string name;                            // --name, or made from the command
  bool recorded = false;                       // a job record is kept
  environment::Snapshot environment{nullptr};  // of the child and of hooks
  std::string search_path;
  std::vector<std::string> argv;  // with conda's activation in front where scripts need a shell
  std::optional<process::Credentials> credentials;
  Milliseconds grace{0};
  pid_t parent = 0;             // ours when we began
  std::string termination_log;  // empty: none
  std::string failure_file;
};

[[nodiscard]] Result<Job> make_job(const Options& options, char** environment);

/// The word before the colon in stamped lines. Asked for only by who stamps: looking for the rank
/// goes through the whole environment.
[[nodiscard]] Result<std::string> label_of(const Options& options, const Job& job);

/// The log file's path for an attempt: the template expanded.
[[nodiscard]] Result<std::string> log_path(const Options& options, const Job& job, int attempt);

}  // namespace toolkit::supervise
