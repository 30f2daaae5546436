#include <toolkit/process/signals.hpp>

#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace toolkit::process {
namespace {

// For the system calls themselves: glibc's sigset functions leave out 32 and 33, which a user may
// send too.
constexpr std::uint64_t kEvery = ~0ULL;

}  // namespace

Result<SignalQueue> SignalQueue::open() {
  const long fd = ::syscall(SYS_signalfd4, -1, &kEvery, sizeof kEvery, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) {
    return fail_errno("cannot listen for signals", errno);
  }
  return SignalQueue(UniqueFd(static_cast<int>(fd)));
}

std::optional<SignalEvent> SignalQueue::next() {
  signalfd_siginfo info;
  ssize_t count = 0;
  do {
    count = ::read(fd_.get(), &info, sizeof info);
  } while (count < 0 && errno == EINTR);
  if (count != static_cast<ssize_t>(sizeof info)) {
    return std::nullopt;
  }
  return SignalEvent{static_cast<int>(info.ssi_signo), info.ssi_code,
                     static_cast<pid_t>(info.ssi_pid), info.ssi_ptr};
}

std::optional<SignalEvent> SignalQueue::wait(const timespec* limit) {
  siginfo_t info;
  const long number = ::syscall(SYS_rt_sigtimedwait, &kEvery, &info, limit, sizeof kEvery);
  if (number <= 0) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  std::memcpy(&value, &info.si_value, sizeof info.si_value);
  return SignalEvent{static_cast<int>(number), info.si_code, info.si_pid, value};
}

int forward_signal(pid_t pid, int number, const SignalEvent& event) {
  if (event.code == SI_QUEUE) {
    siginfo_t info;
    std::memset(&info, 0, sizeof info);
    info.si_signo = number;
    info.si_code = SI_QUEUE;
    info.si_pid = ::getpid();
    info.si_uid = ::getuid();
    std::memcpy(&info.si_value, &event.value, sizeof info.si_value);
    return ::syscall(SYS_rt_sigqueueinfo, pid, number, &info) == 0 ? 0 : errno;
  }
  return ::kill(pid, number) == 0 ? 0 : errno;
}

}  // namespace toolkit::process
