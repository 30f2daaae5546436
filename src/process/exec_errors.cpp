#include "exec_errors.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::process {
namespace {

constexpr int kNotFound = 127;  // the numbers of shells, env(1) and timeout(1)
constexpr int kNotExecutable = 126;
constexpr int kOwnFailure = 125;

// ENOENT of an existing file speaks of its interpreter: the #! line's, or the ELF loader.
std::string missing_interpreter(const std::string& program) {
  struct stat status {};
  if (program.find('/') == std::string::npos || ::stat(program.c_str(), &status) != 0) {
    return {};
  }
  const std::string head = read_file(program, 256).value_or("");
  if (head.starts_with("#!")) {
    const auto words = split(trim(std::string_view(head).substr(2, head.find('\n') - 2)), ' ');
    return std::string(words.front());
  }
  return "its loader (built for another C library or architecture)";
}

SpawnError explain_exec(const ChildOptions& options, int error_number) {
  const std::string& program = options.argv.front();
  const std::string shown = printable(program);
  if (error_number == ENOENT || error_number == ENOTDIR) {
    if (const std::string interpreter = missing_interpreter(program); !interpreter.empty()) {
      return {kNotFound, error_number,
              fmt::format("cannot run '{}': {} is missing", shown, printable(interpreter)),
              "install it in the image, or correct the first line of the file"};
    }
    const bool searched = program.find('/') == std::string::npos;
    return {kNotFound, error_number,
            fmt::format("cannot run '{}': not found{}", shown, searched ? " in PATH" : ""),
            searched ? fmt::format("PATH is {}", options.search_path)
                     : "check the path inside this image"};
  }
  std::string remedy;
  if (error_number == EACCES) {
    remedy = fmt::format("chmod +x {}, and see that its file system is not mounted noexec", shown);
  } else if (error_number == ENOEXEC) {
    remedy = "it is neither a program for this machine nor a script with a #! line";
  }
  return {kNotExecutable, error_number,
          fmt::format("cannot run '{}': {}", shown, errno_words(error_number)), remedy};
}

}  // namespace

SpawnError own_failure(const char* what, int error_number) {
  return {kOwnFailure, error_number, fmt::format("{}: {}", what, errno_words(error_number)),
          error_number == EAGAIN ? "the pids limit of this container may be reached" : ""};
}

SpawnError explain_setup(const ChildOptions& options, const SetupReport& report) {
  switch (report.step) {
    case Step::exec:
      return explain_exec(options, report.error_number);
    case Step::directory:
      return own_failure(("cannot enter directory " + printable(options.directory)).c_str(),
                         report.error_number);
    case Step::user:
      return {kOwnFailure, report.error_number,
              fmt::format("cannot become user {}: {}", options.credentials->user,
                          errno_words(report.error_number)),
              "start the container as root, or leave --user out"};
    case Step::cgroup:
      return own_failure(("cannot enter " + options.cgroup_procs).c_str(), report.error_number);
    default:
      return own_failure("cannot prepare the child", report.error_number);
  }
}

}  // namespace toolkit::process
