#include "child_setup.hpp"
#include "exec_errors.hpp"
#include "process_v2.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/base/unique_fd.hpp>
#include <toolkit/process/child.hpp>
#include <toolkit/process/reaper.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

extern char** environ;

namespace toolkit::process {
namespace {

namespace v2 = boost::process::v2;

// Boost calls this in the child. It never returns, so the library's own loop over descriptors
// (which closes some that the child should inherit and leaks others) and its exit() after a failed
// exec are not reached.
struct BecomeProgram {
  const ChildPlan* plan;
  template <typename Launcher, typename Path>
  v2::error_code on_exec_setup(Launcher& /*launcher*/, const Path& /*executable*/,
                               const char* const*& /*argv*/) {
    become_program(*plan);
  }
};

std::vector<std::string> paths_to_try(const ChildOptions& options) {
  const std::string& program = options.argv.front();
  if (program.find('/') != std::string::npos || program.empty()) {
    return {program};
  }
  std::vector<std::string> paths;
  for (const std::string_view directory : split(options.search_path, ':')) {
    paths.push_back(directory.empty() ? "./" + program : std::string(directory) + "/" + program);
  }
  return paths;
}

ChildPlan make_plan(const ChildOptions& options, int report_fd) {
  ChildPlan plan;
  plan.options = &options;
  plan.candidates = paths_to_try(options);
  plan.shell_argv = {"/bin/sh", nullptr};
  for (const std::string& argument : options.argv) {
    plan.argv.push_back(argument.c_str());
  }
  plan.shell_argv.insert(plan.shell_argv.end(), plan.argv.begin() + 1, plan.argv.end());
  plan.argv.push_back(nullptr);
  plan.shell_argv.push_back(nullptr);
  plan.environment = options.environment != nullptr ? options.environment : environ;
  plan.report_fd = report_fd;
  plan.ignores_statuses = statuses_were_ignored();
  return plan;
}

// EOF means that exec has closed the pipe: the program runs.
std::optional<SetupReport> read_report(int fd) {
  SetupReport report;
  ssize_t count = 0;
  do {
    count = ::read(fd, &report, sizeof report);
  } while (count < 0 && errno == EINTR);
  return count == static_cast<ssize_t>(sizeof report) ? std::optional(report) : std::nullopt;
}

}  // namespace

std::vector<std::string> shell_argv(const std::string& command) {
  if (::access("/bin/sh", X_OK) == 0) {
    return {"/bin/sh", "-c", command};
  }
  std::vector<std::string> argv;
  for (const std::string_view word : split(command, ' ')) {
    if (!word.empty()) {
      argv.emplace_back(word);
    }
  }
  return argv.empty() ? std::vector<std::string>{""} : argv;
}

void fill_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) {
      (void)::open("/dev/null", O_RDWR | O_CLOEXEC);  // the lowest free number, so this one
    }
  }
}

SpawnError replace_ourselves(const ChildOptions& options) {
  execute(make_plan(options, -1));
  return explain_setup(options, {Step::exec, errno});
}

tl::expected<pid_t, SpawnError> spawn(const ChildOptions& options) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return tl::unexpected(own_failure("cannot make a pipe", errno));
  }
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const ChildPlan plan = make_plan(options, writing.get());

  boost::asio::execution_context context;
  boost::system::error_code error;
  const auto process =
      v2::posix::vfork_launcher()(LaunchExecutor{&context}, error, options.argv.front(),
                                  std::vector<std::string>{}, BecomeProgram{&plan});
  if (error) {
    return tl::unexpected(own_failure("cannot start a process", error.value()));
  }
  writing.close();
  if (const auto report = read_report(reading.get())) {
    // Its last system call was that write: no reaper has heard of it, and none has to.
    while (::waitpid(process.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return tl::unexpected(explain_setup(options, *report));
  }
  return process.pid;
}

}  // namespace toolkit::process
