#pragma once
// Starting a program. Boost.Process v2 makes the new process; everything between that and exec is
// in src/process/child_setup.cpp; the reaper waits for it.

#include <toolkit/base/result.hpp>

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace toolkit::process {

struct Credentials {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> supplementary;
};

struct ChildOptions {
  std::vector<std::string> argv;
  const char* const* environment = nullptr;  // null: our own
  std::string search_path;                   // PATH to look argv[0] up in
  int stdin_fd = -1;                         // -1: inherit ours. Borrowed, like the two below
  int stdout_fd = -1;
  int stderr_fd = -1;
  bool own_group = true;     // setpgid(0, 0), so that a group signal reaches all of it and not us
  bool own_session = false;  // setsid(2), with stdin as controlling terminal (--pty)
  std::string directory;     // chdir before exec; empty: ours
  std::optional<mode_t> umask;
  std::optional<Credentials> credentials;
  int parent_death_signal = 0;
  std::uint64_t signal_mask = 0;  // of the child: normally inherited_mask()
  std::string cgroup_procs;       // write our pid here first; empty: none
};

/// Why a program could not be started, by the rules of shells: 127 when it is not there, 126 when
/// it is and cannot be executed, 125 when we failed before exec.
struct SpawnError {
  int exit_code = 125;
  int error_number = 0;
  std::string message;  // "cannot run train.py: permission denied"
  std::string remedy;
};

/// How to run a line of shell: by /bin/sh; in an image without one, its words as they are.
[[nodiscard]] std::vector<std::string> shell_argv(const std::string& command);

/// Puts /dev/null where one of 0, 1 and 2 is closed, so that no file or pipe of ours gets that
/// number. Close-on-exec: the child finds them closed.
void fill_standard_descriptors();

/// The child's pid, after its exec has succeeded. The child has our inherited mask, default SIGPIPE
/// as inherited, and every descriptor that was open when we started; ours are close-on-exec.
[[nodiscard]] tl::expected<pid_t, SpawnError> spawn(const ChildOptions& options);

/// Becomes the program: same pid, its descriptors and signals as we inherited them. Of the options
/// argv, environment, search_path and signal_mask count. Returns only when it could not.
[[nodiscard]] SpawnError replace_ourselves(const ChildOptions& options);

}  // namespace toolkit::process
