#include "env_places.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/job/store.hpp>

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

namespace toolkit::commands {
namespace {

constexpr std::size_t kMostRecords = 64;

// Seconds since 1970 of RFC 3339 in UTC, fractions left out.
std::optional<double> seconds_of(const std::string& text) {
  tm parts{};
  const char* const rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  return rest != nullptr ? std::optional(static_cast<double>(::timegm(&parts))) : std::nullopt;
}

}  // namespace

std::vector<advice::Volume> shared_volumes(const std::string& directory) {
  struct stat status {};
  if (directory.empty() || ::stat(directory.c_str(), &status) != 0) {
    return {};
  }
  return {{directory, status.st_uid, ::access(directory.c_str(), W_OK) == 0}};
}

std::vector<advice::RecordClock> record_clocks(const std::string& directory) {
  std::vector<advice::RecordClock> clocks;
  const auto now = static_cast<double>(::time(nullptr));
  for (const std::string& name :
       directory.empty() ? std::vector<std::string>() : sorted_entries(directory)) {
    const auto record = job::read_record(directory + "/" + name);
    const auto written = record ? seconds_of(record->updated_at) : std::nullopt;
    if (written && clocks.size() < kMostRecords) {
      clocks.push_back({name, *written - now});
    }
  }
  return clocks;
}

}  // namespace toolkit::commands
