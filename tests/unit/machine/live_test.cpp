// Real namespaces: another network, another user, a machine without /sys and /proc. The reading is
// done in a child, whose exit code is the number of the first thing that was wrong.
#include <toolkit/cgroup/cpus.hpp>
#include <toolkit/machine/facts.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <iostream>

using toolkit::cgroup::Limit;
using toolkit::cgroup::read_limits;
using toolkit::machine::read_facts;

namespace {

constexpr int kCannot = 100;

int in_child(const std::function<int()>& function) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::_exit(function());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == kCannot) {
    std::cout << "skipped: these namespaces cannot be made here\n";
    return 0;
  }
  return code;
}

int first_wrong(std::initializer_list<bool> right) {
  const auto found = std::ranges::find(right, false);
  return found == right.end() ? 0 : static_cast<int>(found - right.begin()) + 1;
}

bool write_file(const char* path, const std::string& text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  const bool written =
      fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return written;
}

}  // namespace

TEST_CASE("a new network namespace has loopback, which is down, and no way out") {
  CHECK(in_child([] {
          if (::unshare(CLONE_NEWNET) != 0) {
            return kCannot;
          }
          const auto network = read_facts().network;
          const auto& all = network.interfaces;
          const auto lo =
              std::ranges::find(all, std::string("lo"), &toolkit::machine::Interface::name);
          return first_wrong({lo != all.end() && !lo->up && lo->addresses.empty(),
                              network.default_interface.empty()});
        }) == 0);
}

TEST_CASE("uid 65534 in a user namespace: mapped, without privileges, and everything answered") {
  const std::string outer = std::to_string(::getuid()), group = std::to_string(::getgid());
  CHECK(in_child([&] {
          if (::unshare(CLONE_NEWUSER) != 0 || !write_file("/proc/self/setgroups", "deny") ||
              !write_file("/proc/self/uid_map", "65534 " + outer + " 1") ||
              !write_file("/proc/self/gid_map", "65534 " + group + " 1") || ::setuid(65534) != 0) {
            return kCannot;
          }
          const auto facts = read_facts();
          const auto limits = read_limits();
          return first_wrong({facts.user.uid == 65534, facts.user.in_user_namespace == true,
                              facts.user.host_uid.has_value(), facts.cpus.affinity > 0U,
                              facts.memory.total > 0U, facts.ports.ephemeral.has_value(),
                              !facts.network.interfaces.empty(), facts.troubles.empty(),
                              limits.layout != toolkit::cgroup::Limits::Layout::none});
        }) == 0);
}

TEST_CASE("without /sys: CPUs by /proc/stat, groups unknown with the reason, never unlimited") {
  CHECK(in_child([] {
          if (::unshare(CLONE_NEWNS) != 0 ||
              ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
              ::mount("none", "/sys", "tmpfs", 0, nullptr) != 0) {
            return kCannot;
          }
          const auto facts = read_facts();
          const auto limits = read_limits();
          using State = Limit<std::uint64_t>::State;
          return first_wrong({facts.cpus.online > 0U, facts.network.rdma.empty(),
                              limits.memory.hard.state == State::unknown,
                              !limits.memory.hard.reason.empty(),
                              limits.pids.max.state == State::unknown});
        }) == 0);
}

TEST_CASE("with an empty /proc nothing is claimed, and system calls still answer") {
  CHECK(in_child([] {
          if (::unshare(CLONE_NEWNS) != 0 ||
              ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
              ::mount("none", "/proc", "tmpfs", 0, nullptr) != 0) {
            return kCannot;
          }
          const auto facts = read_facts();
          const auto limits = read_limits();
          return first_wrong({!facts.memory.total, !facts.user.capabilities,
                              facts.cpus.affinity > 0U, !facts.limits.empty(),
                              !facts.kernel.release.empty(), facts.troubles.size() == 1,
                              limits.cpu.quota.state != Limit<toolkit::cgroup::CpuTime>::State::set,
                              limits.troubles.size() == 2});
        }) == 0);
}

TEST_CASE("a limit and an affinity that we set are the ones that are told") {
  CHECK(in_child([] {
          cpu_set_t one;
          CPU_ZERO(&one);
          CPU_SET(read_facts().cpus.allowed.front(), &one);
          const rlimit files{64, 64};
          if (::sched_setaffinity(0, sizeof one, &one) != 0 ||
              ::setrlimit(RLIMIT_NOFILE, &files) != 0) {
            return kCannot;
          }
          const auto facts = read_facts();
          const auto limits = read_limits();
          const auto cpus =
              effective_cpus(limits.cpu, limits.cpuset, facts.cpus.allowed, facts.cpus.online);
          return first_wrong({facts.cpus.affinity == 1U, facts.limits[0].name == "nofile",
                              facts.limits[0].soft == 64, cpus && cpus->usable == 1});
        }) == 0);
}
