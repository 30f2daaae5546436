#pragma once
// Wall-clock time as text, for log stamps and records.

#include <toolkit/base/duration.hpp>

#include <string>

namespace toolkit {

/// "2021-07-04T15:50:26.123Z": RFC 3339 in UTC with milliseconds.
[[nodiscard]] std::string utc_text(WallTime time);

/// "2021-07-04 15:50:26" in local time (TZ, /etc/localtime) or UTC.
[[nodiscard]] std::string stamp_text(WallTime time, bool utc = false);

}  // namespace toolkit
