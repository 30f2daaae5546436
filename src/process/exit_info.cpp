#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/process/exit_info.hpp>
#include <toolkit/process/tree.hpp>

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <string>

namespace toolkit::process {
namespace {

// include/uapi/linux/pidfd.h, in the form of 64 bytes that 6.13 published (PIDFD_INFO_SIZE_VER0).
// The headers of Debian 12 are older.
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroup_id;
  std::uint32_t pid, thread_group, parent, ids[8];
  std::int32_t exit_code;  // as wait(2) has it; spare before 6.15
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr std::uint64_t kInfoExit = 1U << 3;                    // PIDFD_INFO_EXIT
constexpr unsigned long kGetInfo = _IOWR(0xFF, 11, PidfdInfo);  // PIDFD_GET_INFO

struct ExitInfo {
  std::optional<WaitStatus> status;
  bool supported = false;  // the kernel knows the question, if not yet the answer
};

ExitInfo ask_kernel(int process) {
  PidfdInfo info{};
  info.mask = kInfoExit;
  if (::ioctl(process, kGetInfo, &info) != 0) {
    return {std::nullopt, errno == ESRCH};  // ENOTTY or EINVAL: older than 6.13
  }
  // A kernel that does not know the bit answers without it, and the code is a spare field.
  return {(info.mask & kInfoExit) != 0 ? std::optional(WaitStatus(info.exit_code)) : std::nullopt,
          true};
}

// Existing is all that signal 0 asks for: EPERM is somebody else's process.
bool is_reaped(int process) {
  return ::syscall(SYS_pidfd_send_signal, process, 0, nullptr, 0) != 0 && errno == ESRCH;
}

// Its number where our /proc was mounted, which need not be our own PID namespace; 0 for none.
pid_t number_in_proc(int process) {
  const auto text = read_file("/proc/self/fdinfo/" + std::to_string(process), 4096);
  for (const std::string_view line : text ? split(*text, '\n') : std::vector<std::string_view>{}) {
    if (line.starts_with("Pid:")) {
      const long long number = parse_whole(trim(line.substr(4))).value_or(0);
      return number <= std::numeric_limits<pid_t>::max() ? static_cast<pid_t>(number) : 0;
    }
  }
  return 0;
}

// fs/proc/array.c shows field 52 under the same check (PTRACE_MODE_READ_FSCREDS) that lets exe be
// read. A zombie has none: ENOENT for who may look, EACCES for others.
bool may_see_status(const std::string& directory) {
  char target = 0;
  return ::readlink((directory + "/exe").c_str(), &target, 1) >= 0 || errno == ENOENT;
}

std::optional<WaitStatus> zombie_status(int process) {
  const pid_t pid = number_in_proc(process);
  const std::string directory = "/proc/" + std::to_string(pid);
  const auto stat = pid > 0 ? read_file(directory + "/stat", 4096) : fail(ErrorKind::not_found, "");
  const auto close = stat ? stat->rfind(')') : std::string::npos;
  if (close == std::string::npos || close + 2 >= stat->size()) {
    return std::nullopt;
  }
  const auto fields = split(trim(std::string_view(*stat).substr(close + 2)), ' ');
  constexpr std::size_t kExitCode = 52 - 3;  // proc(5) counts from 1, and state is the third
  if (fields.size() <= kExitCode || fields[0] != "Z") {
    return std::nullopt;
  }
  const auto raw = parse_whole(fields[kExitCode]);
  const bool trusted = raw && *raw <= 0xFFFF && (*raw != 0 || may_see_status(directory));
  // Not reaped until now: what was read was about this process and no later one of its number.
  return trusted && !is_reaped(process) ? std::optional(WaitStatus(static_cast<int>(*raw)))
                                        : std::nullopt;
}

bool has_ended(int process) {
  pollfd entry{process, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&entry, 1, 0);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

tl::expected<UniqueFd, int> open_process(pid_t pid) {
  const long fd = ::syscall(SYS_pidfd_open, pid, 0);  // close-on-exec by itself, pidfd_open(2)
  if (fd < 0) {
    return tl::unexpected(errno);
  }
  return UniqueFd(static_cast<int>(fd));
}

std::optional<std::uint64_t> start_ticks_of(int process) {
  const pid_t pid = number_in_proc(process);
  const ProcessInfo info = pid > 0 ? process_info(pid) : ProcessInfo{};
  return info.pid != 0 && !is_reaped(process) ? std::optional(info.start_ticks) : std::nullopt;
}

ExitLook look_at_exit(int process) {
  if (!has_ended(process)) {
    return {};
  }
  const bool reaped = is_reaped(process);  // asked first: what is reaped later only tells more
  const ExitInfo info = ask_kernel(process);
  if (info.status || reaped) {
    return {Stage::reaped, info.status, false};
  }
  auto status = zombie_status(process);
  const bool known = status.has_value();
  return {Stage::zombie, status, !known && info.supported};
}

}  // namespace toolkit::process
