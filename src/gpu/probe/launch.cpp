#include "launch.hpp"

#include <toolkit/base/file.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace toolkit::gpu {
namespace {

// A memory file that may be executed. Kernels before 6.3 do not know the flag and need none.
int memory_file() {
  const int fd = memfd_create("toolkit-probe", MFD_CLOEXEC | MFD_EXEC);
  return fd >= 0 || errno != EINVAL ? fd : memfd_create("toolkit-probe", MFD_CLOEXEC);
}

// Written, opened anew for reading (a file that someone may write to is not executed), and
// unlinked.
UniqueFd file_in(const std::string& folder, std::string_view bytes) {
  std::string path = folder + "/.toolkit-probe-XXXXXX";
  UniqueFd writer(mkostemp(path.data(), O_CLOEXEC));
  if (!writer) {
    return {};
  }
  UniqueFd reader;
  if (write_all(writer.get(), bytes) == 0 && fchmod(writer.get(), 0700) == 0) {
    writer.close();
    reader = UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  }
  unlink(path.c_str());
  return reader;
}

struct Plan {
  int program, input, output;
  char** argv;
  char** environment;
  volatile int error = 0;
};

// Between vfork and exec: no allocation, nothing that belongs to the parent is changed.
[[noreturn]] void become(Plan& plan) {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  struct sigaction plain = {};
  plain.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    sigaction(signal, &plain, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // Out of the way of 0 to 3 first.
  const int program = fcntl(plan.program, F_DUPFD_CLOEXEC, 10);
  const int input = fcntl(plan.input, F_DUPFD_CLOEXEC, 10);
  const int output = fcntl(plan.output, F_DUPFD_CLOEXEC, 10);
  dup2(input, 0);
  dup2(output, 1);
  dup2(input, 2);
  dup3(program, 3, O_CLOEXEC);
  if (syscall(SYS_close_range, 4U, ~0U, 0U) != 0) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    const int most = files.rlim_cur < 65536 ? static_cast<int>(files.rlim_cur) : 65536;
    for (int fd = 4; fd < most; ++fd) {
      close(fd);
    }
  }
  syscall(SYS_execveat, 3, "", plan.argv, plan.environment, AT_EMPTY_PATH);
  plan.error = errno;
  _exit(127);
}

// A function of its own: what vfork's child does must not touch a frame that its parent goes on
// with. Our handlers must not run in it either.
__attribute__((noinline)) pid_t fork_into(Plan& plan) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = vfork();
  if (pid == 0) {
    become(plan);
  }
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

UniqueFd null_device() {
  const int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  return UniqueFd(fd >= 0 ? fd : memfd_create("null", MFD_CLOEXEC));
}

bool another_place_may_do(int error) {
  return error == EACCES || error == EPERM || error == ENOSYS || error == ETXTBSY;
}

}  // namespace

Launcher::Launcher(std::string_view executable, char** environment, const Variables& variables)
    : executable_(executable), environment_(environment) {
  if (const auto folder = variables ? variables("TMPDIR") : std::nullopt;
      folder && !folder->empty()) {
    folders_.emplace_back(*folder);
  }
  for (const char* folder : {"/tmp", "/var/tmp", "/run", "/dev/shm", "."}) {
    folders_.emplace_back(folder);
  }
}

bool Launcher::next_place() {
  while (place_ <= folders_.size()) {
    const std::size_t place = place_++;
    if (place == 0) {
      program_ = UniqueFd(memory_file());
      if (program_ && write_all(program_.get(), executable_) != 0) {
        program_.close();
      }
    } else {
      program_ = file_in(folders_[place - 1], executable_);
    }
    if (program_) {
      return true;
    }
    why_ = std::string(place == 0 ? "memory" : folders_[place - 1]) + ": " + std::strerror(errno);
  }
  return false;
}

std::optional<Started> Launcher::start(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"toolkit-probe"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  const UniqueFd null = null_device();
  while (!no_loader_ && (program_ || next_place())) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      why_ = std::string("no pipe: ") + std::strerror(errno);
      return std::nullopt;
    }
    Started started{-1, UniqueFd(ends[0])};
    const UniqueFd output(ends[1]);
    Plan plan{program_.get(), null.get(), output.get(), argv.data(), environment_};
    started.pid = fork_into(plan);
    const int error = started.pid < 0 ? errno : plan.error;
    if (error == 0) {
      return started;
    }
    if (started.pid > 0) {
      int status = 0;
      waitpid(started.pid, &status, 0);
    }
    why_ = std::strerror(error);
    no_loader_ = error == ENOENT;
    if (!another_place_may_do(error)) {
      return std::nullopt;
    }
    program_.close();
  }
  return std::nullopt;
}

}  // namespace toolkit::gpu
