#include "job.hpp"

#include "of_option.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/log.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/environment/conda.hpp>
#include <toolkit/environment/env_file.hpp>
#include <toolkit/job/store.hpp>
#include <toolkit/process/user.hpp>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace toolkit::supervise {
namespace {

constexpr Milliseconds kDefaultGrace{
    25'000};  // under the 30 s of Kubernetes and most other orchestrators
constexpr Milliseconds kLayerMargin{
    1'000};  // what each layer keeps for itself of the grace above it
constexpr const char* kGraceVariable = "TOOLKIT_GRACE";
// As glibc's execvp and the shells do without PATH.
constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::optional<Milliseconds> grace_from_above(const environment::Snapshot& environment) {
  const auto text = environment.get(kGraceVariable);
  const auto grace =
      text ? parse_duration(*text) : Result<Milliseconds>(fail(ErrorKind::usage, ""));
  return grace ? std::optional(*grace) : std::nullopt;
}

Milliseconds effective_grace(const Options& options, const environment::Snapshot& environment) {
  const auto above = grace_from_above(environment);
  if (!options.stop.grace) {
    return above.value_or(kDefaultGrace);
  }
  return above ? std::min(*above, *options.stop.grace) : *options.stop.grace;
}

// Only when somebody set a budget: otherwise the child's environment stays as it is.
void hand_down_budget(const Options& options, Job& job) {
  if (options.stop.grace || job.environment.get(kGraceVariable)) {
    const Milliseconds rest = std::max(job.grace - kLayerMargin, job.grace / 2);
    job.environment.set(kGraceVariable, format_duration(rest));
  }
}

// --env NAME: what we were given ourselves, whatever --with-env and --env-file say, and nothing
// where we have none. An environment in which nothing changes stays as it is.
void keep_ours(const std::string& name, const environment::Snapshot& ours,
               environment::Snapshot& environment) {
  const auto value = ours.get(name);
  if (value == environment.get(name)) {
    return;
  }
  if (value) {
    environment.set(name, *value);
  } else {
    environment.unset(name);
  }
}

Result<void> add_variables(const Options& options, const environment::Snapshot& ours, Job& job) {
  for (const auto& [name, value] : options.process.derived) {
    job.environment.set(name, value);
  }
  for (const std::string& path : options.process.environment_files) {
    TRY_ASSIGN(const std::string text, of_option("--env-file", read_file(path)));
    TRY_ASSIGN(const auto assignments, environment::parse_env_file(text, path));
    for (const auto& [name, value] : assignments) {
      job.environment.set(name, value);
    }
  }
  for (const std::string& text : options.process.environment) {
    TRY_ASSIGN(const auto assignment, of_option("--env", environment::parse_assignment(text)));
    if (assignment) {
      job.environment.set(assignment->first, assignment->second);
    } else {
      keep_ours(text, ours, job.environment);
    }
  }
  return {};
}

// activate.d scripts are shell code: a shell sources them and then execs the command, so the PID
// stays.
std::vector<std::string> with_scripts(std::vector<std::string> argv,
                                      const std::vector<std::string>& scripts) {
  std::vector<std::string> shell{"/bin/sh", "-c", "", "toolkit-conda"};
  for (const std::string& script : scripts) {
    shell[2] +=
        fmt::format(". \"${}\"; ", shell.size() - 3 > 9 ? fmt::format("{{{}}}", shell.size() - 3)
                                                        : std::to_string(shell.size() - 3));
    shell.push_back(script);
  }
  shell[2] += fmt::format("shift {}; exec \"$@\"", scripts.size());
  shell.insert(shell.end(), argv.begin(), argv.end());
  return shell;
}

Result<void> enter_conda(const Options& options, Job& job) {
  if (options.process.conda.empty()) {
    return {};
  }
  TRY_ASSIGN(const std::string prefix,
             environment::find_conda_environment(options.process.conda, job.environment));
  TRY_ASSIGN(const auto scripts, environment::activate_conda(prefix, job.environment));
  if (!scripts.empty()) {
    job.argv = with_scripts(std::move(job.argv), scripts);
  }
  return {};
}

Result<void> find_user(const Options& options, Job& job) {
  if (options.process.user.empty()) {
    return {};
  }
  TRY_ASSIGN(const process::User user, process::find_user(options.process.user));
  job.credentials = user.credentials;
  if (!user.home.empty()) {
    job.environment.set("HOME", user.home);
    job.environment.set("USER", user.name);
    job.environment.set("LOGNAME", user.name);
  }
  return {};
}

std::string existing_default(const std::optional<std::string>& option, const char* path,
                             const char* needed) {
  return option.value_or(::access(needed, F_OK) == 0 ? path : "");
}

// A record is kept when somebody can know its name: it was given, or will be printed.
Result<void> name_job(const Options& options, Job& job) {
  job.recorded = !options.record.name.empty() || options.process.detach;
  job.name =
      options.record.name.empty() ? name_of_command(options.process.argv) : options.record.name;
  return options.record.name.empty() ? Result<void>{} : job::check_name(job.name);
}

}  // namespace

Result<Job> make_job(const Options& options, char** environment) {
  Job job;
  job.environment = environment::Snapshot(environment);
  job.argv = options.process.argv;
  TRY(name_job(options, job));
  job.grace = effective_grace(options, job.environment);
  hand_down_budget(options, job);
  TRY(find_user(options, job));
  TRY(add_variables(options, environment::Snapshot(environment), job));
  TRY(enter_conda(options, job));
  job.search_path = job.environment.get("PATH").value_or(kDefaultPath);
  job.termination_log = existing_default(options.record.termination_log, "/dev/termination-log",
                                         "/dev/termination-log");
  job.failure_file =
      existing_default(options.record.failure_file, "/opt/ml/output/failure", "/opt/ml/output");
  return job;
}

Result<std::string> label_of(const Options& options, const Job& job) {
  return expand_template(options.output.prefix.value_or("{name}{-rank}"),
                         {.name = job.name, .environment = job.environment});
}

Result<std::string> log_path(const Options& options, const Job& job, int attempt) {
  return expand_template(options.output.log, {job.name, job.environment, attempt});
}

}  // namespace toolkit::supervise
