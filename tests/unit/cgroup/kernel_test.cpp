// The counters against the real kernel: groups below our own, a real OOM kill in them. Only groups
// made here are touched.
#include <toolkit/cgroup/memory.hpp>

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tests/support/temp_dir.hpp>
#include <tests/support/wait_until.hpp>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>

using toolkit::cgroup::MemoryGroup;

namespace {

constexpr std::size_t kLimit = 16 << 20;

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

// Groups of this test, removed at the end, innermost first.
class Groups {
 public:
  /// False, with the reason printed, where groups cannot be made.
  bool make() {
    const MemoryGroup own = MemoryGroup::find();
    // v2 lets no group have processes and children with controllers at once, so ours are beside our
    // own.
    const auto slash = own.directory().rfind('/');
    base_ = (own.version2() ? own.directory().substr(0, slash) : own.directory()) +
            "/toolkit-test-" + std::to_string(::getpid());
    if (!own.visible() || add("").empty() ||
        (own.version2() && !write_file(base_ + "/cgroup.subtree_control", "+memory"))) {
      std::cout << "skipped: no memory cgroup that can be written (" << base_ << ")\n";
      return false;
    }
    version2_ = own.version2();
    return true;
  }
  ~Groups() {
    for (auto path = made_.rbegin(); path != made_.rend(); ++path) {
      (void)toolkit::support::wait_until([&] { return ::rmdir(path->c_str()) == 0; },
                                         std::chrono::seconds(2));
    }
  }
  std::string add(const std::string& name) {
    const std::string path = name.empty() ? base_ : base_ + "/" + name;
    if (::mkdir(path.c_str(), 0755) != 0) {
      return {};
    }
    made_.push_back(path);
    return path;
  }
  [[nodiscard]] bool set_limit(const std::string& path) const {
    return write_file(path + (version2_ ? "/memory.max" : "/memory.limit_in_bytes"),
                      std::to_string(kLimit)) &&
           (version2_ ? write_file(path + "/memory.swap.max", "0") || true : true);
  }
  [[nodiscard]] bool version2() const { return version2_; }
  [[nodiscard]] const std::string& base() const { return base_; }

 private:
  std::string base_;
  std::vector<std::string> made_;
  bool version2_ = false;
};

void use_memory(std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) {
    std::memset(memory, 1, bytes);
  }
}

int status_of_child_in(const std::string& group, const std::function<int()>& function) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::_exit(write_file(group + "/cgroup.procs", std::to_string(::getpid())) ? function() : 99);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return status;
}

bool is_killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }

int grow() {
  use_memory(8 * kLimit);
  return 0;
}

}  // namespace

TEST_CASE("this process's memory group is the one the kernel says") {
  const MemoryGroup own = MemoryGroup::find();
  if (!own.visible()) {
    std::cout << "skipped: no visible memory cgroup\n";
    return;
  }
  std::ifstream processes(own.directory() + "/cgroup.procs");
  bool found = false;
  for (pid_t pid = 0; processes >> pid;) {
    found = found || pid == ::getpid();
  }
  CHECK(found);
}

TEST_CASE("a real OOM kill is counted, in the group and in its parent") {
  Groups groups;
  if (!groups.make()) {
    return;
  }
  const std::string child = groups.add("rank0");
  REQUIRE(groups.set_limit(child));
  const MemoryGroup parent_group = MemoryGroup::at(groups.base()),
                    child_group = MemoryGroup::at(child);
  REQUIRE(parent_group.oom_counts());
  CHECK(parent_group.version2() == groups.version2());
  CHECK(parent_group.oom_counts()->oom_kill == 0);
  CHECK(is_killed(status_of_child_in(child, grow)));
  CHECK(child_group.oom_counts()->oom_kill == 1);
  CHECK(parent_group.oom_counts()->oom_kill == 1);
  CHECK(is_killed(status_of_child_in(child, grow)));
  CHECK(parent_group.oom_counts()->oom_kill == 2);
  if (child_group.peak_bytes()) {
    CHECK(*child_group.peak_bytes() <= kLimit);
    CHECK(*child_group.peak_bytes() > kLimit / 2);
  }
}

TEST_CASE("a kill from outside is no OOM kill") {
  Groups groups;
  if (!groups.make()) {
    return;
  }
  const std::string child = groups.add("rank0");
  const int status = status_of_child_in(child, [] { return ::raise(SIGKILL); });
  CHECK(is_killed(status));
  CHECK(MemoryGroup::at(groups.base()).oom_counts()->oom_kill == 0);
}

TEST_CASE("a process finds its own group, limit and count from inside") {
  Groups groups;
  if (!groups.make()) {
    return;
  }
  const std::string outer = groups.add("pod");
  REQUIRE(groups.set_limit(outer));
  if (groups.version2()) {
    REQUIRE(write_file(outer + "/cgroup.subtree_control", "+memory"));
  }
  const std::string inner = groups.add("pod/train");
  const int status = status_of_child_in(inner, [&] {
    const MemoryGroup own = MemoryGroup::find();
    const auto counts = own.oom_counts();
    return own.directory() == inner && counts && counts->oom_kill == 0 &&
                   own.limit_bytes() == kLimit
               ? 0
               : 1;
  });
  CHECK(status == 0);
}

TEST_CASE("in a cgroup namespace an old mount does not show somebody else's group as ours") {
  Groups groups;
  if (!groups.make()) {
    return;
  }
  const std::string child = groups.add("rank0");
  const int status = status_of_child_in(child, [] {
    if (::unshare(CLONE_NEWCGROUP) != 0) {
      std::cout << "skipped: no cgroup namespaces\n" << std::flush;
      return 0;
    }
    return MemoryGroup::find().visible() ? 1 : 0;
  });
  CHECK(status == 0);
}
