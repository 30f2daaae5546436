#pragma once
// Counts what the threads of a sync have done, and tells the observer one thing at a time.

#include <toolkit/sync/engine.hpp>

#include <mutex>

namespace toolkit::sync {

class Tally {
 public:
  explicit Tally(Observer& observer) : observer_(observer) {}

  void file(const FileEvent& event);
  /// `file` by its name; empty for a place or directory, which counts as one that failed.
  void problem(const std::string& name, const Error& error);
  void retry(const std::string& name, const Error& error, Milliseconds pause);
  /// A file was met by the walk: `bytes` of it are to be sent.
  void found(std::uint64_t file_bytes, std::uint64_t bytes_to_send);
  void sent(std::uint64_t bytes);

  void begin_pass();
  void all_found();
  /// What the last pass has left undone, for people who watch the lag.
  void lag(double seconds);

  [[nodiscard]] Summary summary() const;
  [[nodiscard]] Progress progress() const;

 private:
  mutable std::mutex mutex_;
  Observer& observer_;
  Summary summary_;
  Progress progress_;
};

}  // namespace toolkit::sync
