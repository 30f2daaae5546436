#include "lock_file.hpp"
#include "record_file.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/job/store.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::job {
namespace {

constexpr std::size_t kRecordLimit =
    1 << 20;  // argv is cut at 64 KiB, which escapes make six times as long

bool written_under_another_boot(const Record& record) {
  const auto boot_id = read_file("/proc/sys/kernel/random/boot_id", 64);
  return boot_id && !record.boot_id.empty() && trim(*boot_id) != record.boot_id;
}

bool is_absent(const std::string& path) {
  return ::access(path.c_str(), F_OK) != 0 && errno == ENOENT;
}

// A FIFO planted here would keep a plain open waiting for ever.
Result<std::string> read_regular_file(const std::string& path) {
  const auto fd = try_open(path, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (!fd || ::fstat(fd->get(), &status) != 0) {
    return fail_errno("cannot read " + path, fd ? errno : fd.error());
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorKind::failed, "cannot read " + path + ": not a regular file");
  }
  auto text = read_all(fd->get(), kRecordLimit);
  if (!text) {
    return fail_errno("cannot read " + path, text.error());
  }
  return std::move(*text);
}

}  // namespace

Result<Record> parse_file(const std::string& job_directory) {
  const std::string path = job_directory + "/job.json";
  // A supervisor that has the name and no record yet is starting its child.
  if (is_absent(path) && !is_absent(job_directory + "/lock")) {
    Record coming;
    coming.name = job_directory.substr(job_directory.rfind('/') + 1);
    return coming;
  }
  TRY_ASSIGN(const std::string text, read_regular_file(path));
  auto record = parse_record(text);
  if (!record) {
    record.error().message = "cannot read " + path + ": " + record.error().message;
  }
  return record;
}

Holder lock_holder(const std::string& job_directory) {
  const auto fd = try_open(job_directory + "/lock", O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!fd) {
    return fd.error() == ENOENT ? Holder::gone : Holder::unknown;
  }
  switch (exclusive_lock_state(fd->get())) {
    case LockState::free:
      return Holder::gone;
    case LockState::held:
      return Holder::alive;
    default:
      return Holder::unknown;
  }
}

Result<Record> read_record(const std::string& job_directory) {
  TRY_ASSIGN(Record record, parse_file(job_directory));
  // The supervisor may write its last word and go between our look at the record and at the lock,
  // and another may take its place: the record counts as lost only if the same one is there after
  // the look.
  for (int looks = 0; looks < 100 && record.state != State::exited; ++looks) {
    const Holder holder = lock_holder(job_directory);
    if (holder == Holder::alive ||
        (holder == Holder::unknown && !written_under_another_boot(record))) {
      return record;
    }
    TRY_ASSIGN(Record again, parse_file(job_directory));
    const bool same = again.generation == record.generation;
    record = std::move(again);
    if (same && record.state != State::exited) {
      record.state = State::lost;
      return record;
    }
  }
  return record;
}

}  // namespace toolkit::job
