#include "job_sight.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/job/store.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

namespace toolkit::probe {
namespace {

// A lost job's record as its supervisor left it. It was read a moment ago, so what cannot be read
// now had no record at all: it was killed while it was starting.
job::State recorded_state(const std::string& directory) {
  constexpr std::size_t kLimit = 1 << 20;
  const auto fd = try_open(directory + "/job.json", O_RDONLY | O_NONBLOCK);
  const auto text = fd ? read_all(fd->get(), kLimit) : tl::unexpected(fd.error());
  const auto record = text ? job::parse_record(*text) : fail(ErrorKind::not_found, {});
  return record ? record->state : job::State::starting;
}

JobSight found(job::Record record, const std::string& directory) {
  JobSight sight;
  sight.directory = directory;
  sight.last_state = record.state == job::State::lost ? recorded_state(directory) : record.state;
  sight.record = std::move(record);
  return sight;
}

std::string joined(const std::vector<std::string>& directories) {
  std::string text;
  for (const std::string& directory : directories) {
    text += (text.empty() ? "" : ", ") + printable(directory);
  }
  return text;
}

}  // namespace

JobSight look_at_job(const std::vector<std::string>& directories) {
  JobSight nothing;
  nothing.reason = Reason::absent;
  nothing.words = fmt::format("no such job yet in {}", joined(directories));
  for (const std::string& directory : directories) {
    auto record = job::read_record(directory);
    if (record) {
      return found(std::move(*record), directory);
    }
    if (record.error().kind != ErrorKind::not_found && nothing.reason == Reason::absent) {
      nothing.reason =
          record.error().kind == ErrorKind::denied ? Reason::unknown : Reason::protocol;
      nothing.words = record.error().message;
    }
  }
  return nothing;
}

std::optional<RecordStamp> stamp_of_record(const std::string& directory) {
  struct stat status {};
  if (::stat((directory + "/job.json").c_str(), &status) != 0) {
    return std::nullopt;
  }
  return RecordStamp{status.st_dev, status.st_ino, status.st_size, status.st_ctim.tv_sec,
                     status.st_ctim.tv_nsec};
}

}  // namespace toolkit::probe
