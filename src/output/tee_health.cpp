#include "tee_health.hpp"

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/error.hpp>

#include <fmt/core.h>

#include <utility>

namespace toolkit::output {

void ConsoleHealth::look(const Console& console, Milliseconds stall_limit,
                         std::vector<std::string>& warnings) {
  const bool was_well = !stalled_ && error_ == 0;
  if (console.stalled() == stalled_ && console.last_errno() == error_) {
    dropped_before_ = was_well ? console.bytes_dropped() : dropped_before_;
    return;
  }
  stalled_ = console.stalled();
  error_ = console.last_errno();
  if (error_ != 0) {
    warnings.push_back(fmt::format("{}: {}; what comes is dropped", name_, errno_words(error_)));
  } else if (stalled_) {
    warnings.push_back(fmt::format("{}: nobody has read for {}; what comes is dropped", name_,
                                   describe_duration(stall_limit)));
  } else {
    warnings.push_back(fmt::format("{}: bytes are read again; {} were dropped", name_,
                                   describe_bytes(console.bytes_dropped() - dropped_before_)));
    dropped_before_ = console.bytes_dropped();
  }
}

void LogHealth::look(const std::string& path, const LogFileStats& stats, bool stalled,
                     Milliseconds stall_limit, std::vector<std::string>& warnings) {
  if (std::exchange(rotation_error_, stats.rotation_errno) != stats.rotation_errno &&
      rotation_error_ != 0) {
    warnings.push_back(fmt::format("log {}: cannot be rotated: {}; it grows on", path,
                                   errno_words(rotation_error_)));
  }
  if (stats.last_errno == error_ && stalled == stalled_) {
    return;
  }
  error_ = stats.last_errno;
  stalled_ = stalled;
  if (error_ != 0) {
    reason_ = errno_words(error_);
    warnings.push_back(
        fmt::format("log {}: {}; what comes is dropped until it takes bytes again", path, reason_));
  } else if (stalled_) {
    reason_ = "it took nothing for " + describe_duration(stall_limit);
    warnings.push_back(fmt::format("log {}: {}; what comes is dropped", path, reason_));
  } else {
    warnings.push_back(fmt::format("log {}: written again; {} were dropped: {}", path,
                                   describe_bytes(stats.bytes_dropped - dropped_before_), reason_));
    dropped_before_ = stats.bytes_dropped;
  }
}

}  // namespace toolkit::output
