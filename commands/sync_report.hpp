#pragma once
// What people and programs see of a sync.

#include <toolkit/base/result.hpp>
#include <toolkit/sync/engine.hpp>

#include <string>

namespace toolkit::commands {

struct ReportSettings {
  bool json = false;       // one object a line on stdout
  bool dry_run = false;    // each file is a line of the result
  bool following = false;  // troubles are log lines, since there is no end yet
};

class SyncReporter : public sync::Observer {
 public:
  explicit SyncReporter(ReportSettings settings) : settings_(settings) {}
  void on_file(const sync::FileEvent& event) override;
  void on_problem(const std::string& name, const Error& error) override;
  void on_retry(const std::string& name, const Error& error, Milliseconds pause) override;

 private:
  ReportSettings settings_;
};

/// "copied 412 files, 38.2 GiB, in 1m 12s": what changed, in one line.
[[nodiscard]] std::string brief_words(const sync::Summary& summary, bool dry_run);
/// All counts, aligned, one a line.
[[nodiscard]] std::string stats_words(const sync::Summary& summary);
/// "event": "summary", schema "toolkit.sync/1".
[[nodiscard]] std::string summary_json(const sync::Summary& summary, int exit_code);
/// "12 of 40 files, 1.2 GiB of 4.0 GiB, 103.1 MiB/s, 28s left".
[[nodiscard]] std::string progress_words(const sync::Progress& progress, double seconds);
/// To stdout, which belongs to the result. What cannot be written is an error.
[[nodiscard]] Result<void> print(const std::string& line);

}  // namespace toolkit::commands
