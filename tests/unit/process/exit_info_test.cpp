#include <toolkit/process/exit_info.hpp>
#include <toolkit/process/tree.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <tests/support/wait_until.hpp>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <random>

using toolkit::process::look_at_exit;
using toolkit::process::open_process;
using toolkit::process::Stage;
using toolkit::process::start_ticks_of;
using toolkit::support::wait_until;

namespace {

pid_t in_child(const std::function<int()>& function) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::_exit(function());
  }
  return pid;
}

// A child that waits to be told, so that it can be opened before it ends.
struct Child {
  explicit Child(const std::function<int()>& function) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    pid = in_child([&] {
      ::close(ends[1]);
      char byte = 0;
      (void)!::read(ends[0], &byte, 1);
      return function();
    });
    ::close(ends[0]);
    go_ = toolkit::UniqueFd(ends[1]);
    auto opened = open_process(pid);
    REQUIRE(opened);
    process = std::move(*opened);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { reap(); }
  // With every thread, of which a sanitizer adds one: state Z is shown as soon as the first has
  // ended.
  void become_zombie() {
    go_.close();
    pollfd entry{process.get(), POLLIN, 0};
    REQUIRE(::poll(&entry, 1, 20'000) == 1);
  }
  void reap() {
    go_.close();
    if (pid > 0) {
      ::waitpid(std::exchange(pid, 0), nullptr, 0);
    }
  }
  pid_t pid = 0;
  toolkit::UniqueFd process;

 private:
  toolkit::UniqueFd go_;
};

int die_of(int number) {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::signal(number, SIG_DFL);
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_UNBLOCK, &all, nullptr);
  ::kill(::getpid(), number);
  ::usleep(1'000'000);
  return 99;
}

// Linux 6.15 and later; told by the kernel itself and not by its version.
bool kernel_tells_codes() {
  Child child([] { return 7; });
  child.reap();
  return look_at_exit(child.process.get()).status.has_value();
}

void* end_the_process(void* /*unused*/) {
  ::usleep(50'000);
  ::_exit(37);
}

}  // namespace

TEST_CASE("a running process is running, and started when proc says") {
  Child child([] { return 0; });
  const auto look = look_at_exit(child.process.get());
  CHECK(look.stage == Stage::running);
  CHECK_FALSE(look.status);
  CHECK(start_ticks_of(child.process.get()) ==
        toolkit::process::process_info(child.pid).start_ticks);
  child.reap();
  CHECK_FALSE(start_ticks_of(child.process.get()));
}

TEST_CASE("what cannot be followed says why") {
  CHECK(open_process(1 << 22).error() == ESRCH);  // proc(5): the largest pid is 2^22 - 1
  CHECK(open_process(-1).error() == EINVAL);
  pthread_t thread;
  static pid_t number = 0;
  REQUIRE(::pthread_create(
              &thread, nullptr,
              [](void*) -> void* {
                __atomic_store_n(&number, static_cast<pid_t>(::syscall(SYS_gettid)),
                                 __ATOMIC_SEQ_CST);
                ::usleep(200'000);
                return nullptr;
              },
              nullptr) == 0);
  REQUIRE(wait_until([] { return __atomic_load_n(&number, __ATOMIC_SEQ_CST) != 0; }));
  const auto opened = open_process(number);
  REQUIRE_FALSE(opened);
  const bool known = opened.error() == EINVAL || opened.error() == ENOENT;
  CAPTURE(opened.error());
  CHECK(known);
  ::pthread_join(thread, nullptr);
}

TEST_CASE("random codes and signals are told of zombies, and after the reap where the kernel can") {
  const bool told = kernel_tells_codes();
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  constexpr int kSignals[] = {1, 2, 3, 4, 6, 8, 9, 10, 11, 13, 14, 15, 34, 64};
  for (int i = 0; i < 100; ++i) {
    const bool by_signal = random() % 3 == 0;
    const int wanted =
        by_signal ? kSignals[random() % std::size(kSignals)] : static_cast<int>(random() % 256);
    CAPTURE(wanted);
    CAPTURE(by_signal);
    Child child([&] { return by_signal ? die_of(wanted) : wanted; });
    child.become_zombie();
    const auto zombie = look_at_exit(child.process.get());
    REQUIRE(zombie.stage == Stage::zombie);
    REQUIRE(zombie.status);
    CHECK(zombie.status->exit_code() == (by_signal ? 128 + wanted : wanted));
    CHECK(zombie.status->signal() == (by_signal ? wanted : 0));
    child.reap();
    const auto reaped = look_at_exit(child.process.get());
    CHECK(reaped.stage == Stage::reaped);
    CHECK(reaped.status.has_value() == told);
    CHECK((!told || reaped.status->exit_code() == zombie.status->exit_code()));
  }
}

TEST_CASE("a zombie of another user is never a success, and its code is told after the reap") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: needs root to become somebody else");
    return;
  }
  const bool told = kernel_tells_codes();
  for (const int code : {0, 9}) {
    CAPTURE(code);
    Child child([code] { return code; });
    child.become_zombie();
    // 1: unknown, and no reap will tell; 2: unknown yet; 3 and above: a code.
    const auto as_nobody = [&](const std::function<int()>& ask) {
      int status = 0;
      const pid_t asker =
          in_child([&] { return ::setgid(65534) != 0 || ::setuid(65534) != 0 ? 99 : ask(); });
      ::waitpid(asker, &status, 0);
      return WEXITSTATUS(status);
    };
    CHECK(as_nobody([&] {
            const auto look = look_at_exit(child.process.get());
            return look.status ? 3 + look.status->exit_code() : look.reap_will_tell ? 2 : 1;
          }) == (told ? 2 : 1));
    child.reap();
    CHECK(as_nobody([&] {
            const auto look = look_at_exit(child.process.get());
            return look.status ? 3 + look.status->exit_code() : 1;
          }) == (told ? 3 + code : 1));
  }
}

TEST_CASE("a process whose first thread ended before the others says what it ended with") {
  Child child([] {
    pthread_t thread;
    ::pthread_create(&thread, nullptr, end_the_process, nullptr);
    ::syscall(SYS_exit, 0);  // this thread alone
    return 1;
  });
  child.reap();
  const auto look = look_at_exit(child.process.get());
  CHECK(look.stage == Stage::reaped);
  CHECK((!kernel_tells_codes() || look.status->exit_code() == 37));

  Child second([] {
    pthread_t thread;
    ::pthread_create(&thread, nullptr, end_the_process, nullptr);
    ::syscall(SYS_exit, 0);
    return 1;
  });
  second.become_zombie();
  CHECK(look_at_exit(second.process.get()).status->exit_code() == 37);
}

TEST_CASE("an end is told of an orphan and through an exec") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const pid_t parent = in_child([&] {
    const pid_t orphan = in_child([] {
      ::usleep(200'000);
      ::execl("/bin/sh", "sh", "-c", "exit 21", nullptr);
      return 99;
    });
    return ::write(ends[1], &orphan, sizeof orphan) == sizeof orphan ? 0 : 1;
  });
  pid_t orphan = 0;
  REQUIRE(::read(ends[0], &orphan, sizeof orphan) == sizeof orphan);
  ::close(ends[0]);
  ::close(ends[1]);
  const auto process = open_process(orphan);
  REQUIRE(process);
  ::waitpid(parent, nullptr, 0);
  pollfd entry{process->get(), 0, 0};
  if (!kernel_tells_codes()) {
    MESSAGE("skipped: this kernel keeps no exit codes (before Linux 6.15)");
    return;
  }
  REQUIRE(::poll(&entry, 1, 20'000) == 1);  // init reaps it
  CHECK(look_at_exit(process->get()).status->exit_code() == 21);
}
