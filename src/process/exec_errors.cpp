#include "exec_errors.hpp"

#include "program_file.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::process {
namespace {

constexpr int kNotFound = 127;  // the numbers of shells, env(1) and timeout(1)
constexpr int kNotExecutable = 126;
constexpr int kOwnFailure = 125;

// ENOENT of an existing file speaks of its interpreter: the #! line's, or the ELF loader.
SpawnError explain_missing(const ChildOptions& options, int error_number) {
  const std::string& program = options.argv.front();
  const std::string shown = printable(program);
  const std::string file = file_in_question(options);
  if (program.empty()) {
    return {kNotFound, error_number, "cannot run '': the command is empty",
            "toolkit run -- COMMAND"};
  }
  if (!file.empty()) {
    const std::string interpreter = interpreter_of(read_file(file, 256).value_or(""));
    return {
        kNotFound, error_number,
        fmt::format("cannot run '{}': {} is missing", shown,
                    interpreter.empty() ? "its loader (built for another C library or architecture)"
                                        : printable(interpreter)),
        "install it in the image, or correct the first line of the file"};
  }
  if (program.find('/') != std::string::npos) {
    return {kNotFound, error_number, fmt::format("cannot run '{}': not found", shown),
            "check the path inside this image"};
  }
  return {kNotFound, error_number, fmt::format("cannot run '{}': not found in PATH", shown),
          fmt::format("PATH is {}", printable(options.search_path))};
}

SpawnError explain_refusal(const ChildOptions& options, int error_number) {
  const std::string shown = printable(options.argv.front());
  const std::string file = file_in_question(options);
  const std::string head = read_file(file, 256).value_or("");
  if (error_number == EACCES && is_directory(file)) {
    return {kNotExecutable, error_number, fmt::format("cannot run '{}': it is a directory", shown),
            "name the program inside it"};
  }
  const std::string interpreter = interpreter_of(head);
  if (error_number == EACCES && !interpreter.empty() && ::access(file.c_str(), X_OK) == 0) {
    return {kNotExecutable, error_number,
            fmt::format("cannot run '{}': its interpreter {} may not be executed", shown,
                        printable(interpreter)),
            "correct the first line of the file"};
  }
  std::string why = errno_words(error_number), remedy;
  if (error_number == EACCES) {
    remedy = fmt::format("chmod +x {}, and see that its file system is not mounted noexec",
                         file.empty() ? shown : printable(file));
  } else if (error_number == ENOEXEC && !machine_of(head).empty()) {
    why += fmt::format(" (it is a program for {})", machine_of(head));
    remedy = "build the image for this machine";
  } else if (error_number == ENOEXEC) {
    remedy = "it is neither a program for this machine nor a script with a #! line";
  }
  return {kNotExecutable, error_number, fmt::format("cannot run '{}': {}", shown, why), remedy};
}

SpawnError explain_exec(const ChildOptions& options, int error_number) {
  return error_number == ENOENT ? explain_missing(options, error_number)
                                : explain_refusal(options, error_number);
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
