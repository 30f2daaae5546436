#pragma once
// Everything that tells others about the job: record, events, PID file. Once the child runs, a
// report that cannot be written is a warning, never a reason to disturb it.

#include "job.hpp"

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/job/store.hpp>
#include <toolkit/supervise/options.hpp>

#include <functional>
#include <optional>
#include <string>

namespace toolkit {
class JsonWriter;
}

namespace toolkit::supervise {

class Reporter {
 public:
  /// Takes the job's name (refused while another supervisor holds it), opens the event file, and
  /// takes the record of an earlier job away, or writes one in state `starting` where something
  /// that takes time comes before the child.
  [[nodiscard]] static Result<Reporter> open(const Options& options, const Job& job);

  /// The record to fill in. save() stamps and writes it.
  [[nodiscard]] job::Record& record() { return record_; }
  void save();
  [[nodiscard]] const std::string& job_directory() const { return job_directory_; }

  /// One JSON object: event, time, name, attempt, and what `add` appends.
  void event(const char* name, const std::function<void(JsonWriter&)>& add = {});
  /// Writes the PID file; remove_pid_file() takes it away again.
  [[nodiscard]] Result<void> write_pid_file(pid_t pid) const;
  void remove_pid_file() const;

 private:
  Reporter() = default;
  [[nodiscard]] Result<void> begin_record(const Options& options);
  [[nodiscard]] Result<void> write_record();
  std::optional<job::Claim> claim_;
  std::string job_directory_;
  const std::vector<std::string>* argv_ = nullptr;  // of the options, which outlive us
  std::string pid_file_, events_path_;
  UniqueFd events_;
  job::Record record_;
  bool complained_ = false;
};

}  // namespace toolkit::supervise
