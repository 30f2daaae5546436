#include "reporter.hpp"

#include "of_option.hpp"
#include "phases.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/json_writer.hpp>
#include <toolkit/base/log.hpp>
#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/base/wall_clock.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace toolkit::supervise {
namespace {

std::string random_text() {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, GRND_NONBLOCK) != sizeof bits) {
    bits = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }
  return fmt::format("{:016x}", bits);
}

std::uint64_t pid_namespace() {
  struct stat status {};
  return ::stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

std::vector<std::string> masked(const std::vector<std::string>& argv) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < argv.size(); ++i) {
    const bool value_of_secret = i > 0 && argv[i - 1].starts_with("--") &&
                                 argv[i - 1].find('=') == std::string::npos &&
                                 is_secret_name(argv[i - 1].substr(2));
    out.push_back(value_of_secret ? "***" : mask_secrets(argv[i]));
  }
  return out;
}

// Whose record it is, and where it was written.
void identify(job::Record& record, const std::vector<std::string>& argv) {
  record.generation = random_text();
  record.argv = masked(argv);
  record.pid_namespace = pid_namespace();
  record.boot_id = std::string(trim(read_file("/proc/sys/kernel/random/boot_id", 64).value_or("")));
  record.supervisor_pid = ::getpid();
  record.host = host_name();
}

Result<job::Claim> claim(const Options& options, Job const& job) {
  std::string directory = options.record.state_directory;
  if (directory.empty()) {
    TRY_ASSIGN(directory, job::state_directory(
                              [](const char* name) -> const char* { return ::getenv(name); }));
  }
  auto taken = job::Claim::take(directory, job.name);
  // A name that we made up may be changed; a name that was given is the user's promise to others.
  if (!taken && options.record.name.empty() && taken.error().kind == ErrorKind::unavailable) {
    taken = job::Claim::take(directory, fmt::format("{}-{}", job.name, ::getpid()));
  }
  return taken;
}

}  // namespace

Result<Reporter> Reporter::open(const Options& options, const Job& job) {
  Reporter reporter;
  reporter.pid_file_ = options.record.pid_file;
  reporter.events_path_ = options.record.events;
  reporter.record_.name = job.name;
  if (job.recorded) {
    TRY_ASSIGN(auto taken, claim(options, job));
    reporter.claim_.emplace(std::move(taken));
  }
  // Whatever can fail comes before the record, which would say `starting` for ever.
  if (!reporter.pid_file_.empty()) {
    // Tried now, while a mistake can still be an error: later it could only be a warning.
    TRY(of_option("--pid-file", open_file(reporter.pid_file_, O_WRONLY | O_CREAT)));
  }
  if (!reporter.events_path_.empty()) {
    TRY_ASSIGN(reporter.events_, of_option("--events", open_file(reporter.events_path_,
                                                                 O_WRONLY | O_CREAT | O_APPEND)));
  }
  TRY(reporter.begin_record(options));
  return reporter;
}

Result<void> Reporter::begin_record(const Options& options) {
  if (!claim_) {
    return {};
  }
  job_directory_ = claim_->directory();
  argv_ = &options.process.argv;
  record_.name = job_directory_.substr(job_directory_.rfind('/') + 1);
  record_.started_at = utc_text(std::chrono::system_clock::now());
  record_.phase = first_phase(options.hooks);
  if (record_.phase.empty()) {
    return claim_->forget_predecessor();  // save() comes within a millisecond
  }
  return write_record();
}

Result<void> Reporter::write_record() {
  if (record_.generation.empty()) {  // not before the child, which would wait for it
    identify(record_, *argv_);
  }
  record_.updated_at = utc_text(std::chrono::system_clock::now());
  return claim_->write(record_);
}

void Reporter::save() {
  if (!claim_) {
    return;
  }
  if (const auto written = write_record(); !written && !complained_) {
    complained_ = true;
    log_warn("job record: {}", written.error().message);
  }
}

void Reporter::event(const char* name, const std::function<void(JsonWriter&)>& add) {
  if (!events_) {
    return;
  }
  std::string line;
  JsonWriter json(line);
  json.begin_object()
      .field("event", name)
      .field("time", utc_text(std::chrono::system_clock::now()));
  json.field("name", record_.name).field("attempt", record_.attempt);
  if (add) {
    add(json);
  }
  json.end_object();
  line += '\n';
  if (const int error = write_all(events_.get(), line); error != 0 && !complained_) {
    complained_ = true;
    log_warn("cannot write events to {}: {}", events_path_, errno_words(error));
  }
}

Result<void> Reporter::write_pid_file(pid_t pid) const {
  return pid_file_.empty() ? Result<void>{} : replace_file(pid_file_, fmt::format("{}\n", pid));
}

void Reporter::remove_pid_file() const {
  if (!pid_file_.empty()) {
    ::unlink(pid_file_.c_str());
  }
}

}  // namespace toolkit::supervise
