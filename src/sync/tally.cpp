#include "tally.hpp"

namespace toolkit::sync {

void Tally::file(const FileEvent& event) {
  const std::lock_guard lock(mutex_);
  switch (event.action) {
    case Action::unchanged:
      ++summary_.unchanged;
      break;
    case Action::created:
      ++summary_.created;
      break;
    case Action::appended:
      ++summary_.appended;
      break;
    case Action::replaced:
      ++summary_.replaced;
      break;
    case Action::renamed:
      ++summary_.renamed;
      break;
    case Action::kept:
      ++summary_.kept;
      break;
    case Action::left_out:
      ++summary_.left_out;
      break;
    case Action::failed:
      ++summary_.failed;
      break;
  }
  const bool is_transfer = event.action == Action::created || event.action == Action::appended ||
                           event.action == Action::replaced;
  if (is_transfer) {
    summary_.bytes_grown += event.bytes;
  }
  if (is_transfer || event.action == Action::unchanged) {
    ++progress_.files_done;
  }
  observer_.on_file(event);
}

void Tally::problem(const std::string& name, const Error& error) {
  const std::lock_guard lock(mutex_);
  ++summary_.failed;
  if (error.kind == ErrorKind::unavailable) {
    ++summary_.unavailable;
  }
  if (error.kind == ErrorKind::interrupted) {
    ++summary_.unfinished;
  }
  ++progress_.files_done;
  observer_.on_problem(name, error);
}

void Tally::retry(const std::string& name, const Error& error, Milliseconds pause) {
  const std::lock_guard lock(mutex_);
  ++summary_.retries;
  observer_.on_retry(name, error, pause);
}

void Tally::found(std::uint64_t file_bytes, std::uint64_t bytes_to_send) {
  const std::lock_guard lock(mutex_);
  ++summary_.files;
  summary_.bytes_total += file_bytes;
  ++progress_.files_found;
  progress_.bytes_found += bytes_to_send;
}

void Tally::sent(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  summary_.bytes_sent += bytes;
  progress_.bytes_sent += bytes;
}

void Tally::begin_pass() {
  const std::lock_guard lock(mutex_);
  ++summary_.passes;
  summary_.files = summary_.unchanged = summary_.left_out = summary_.bytes_total = 0;
  summary_.failed = summary_.unavailable = summary_.unfinished = 0;
  progress_ = {};
}

void Tally::all_found() {
  const std::lock_guard lock(mutex_);
  progress_.all_found = true;
}

void Tally::lag(double seconds) {
  const std::lock_guard lock(mutex_);
  summary_.lag_seconds = seconds;
}

Summary Tally::summary() const {
  const std::lock_guard lock(mutex_);
  return summary_;
}

Progress Tally::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

}  // namespace toolkit::sync
