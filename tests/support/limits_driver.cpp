// What the limits of this process are, one "key=value" a line; or loads that run into them.
//   limits_driver [show]
//   limits_driver spin THREADS SECONDS   the CPUs that spinning threads got
//   limits_driver grow FILE BYTES        touches memory, and keeps the count in FILE
#include <toolkit/cgroup/cpus.hpp>
#include <toolkit/machine/facts.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

using namespace toolkit;

namespace {

template <typename T>
void print(const char* key, const cgroup::Limit<T>& limit, double value) {
  constexpr const char* kStates[] = {"set", "unlimited", "unknown"};
  std::printf("%s=%s\n%s_directory=%s\n%s_reason=%s\n", key,
              limit.state == cgroup::Limit<T>::State::set ? std::to_string(value).c_str()
                                                          : kStates[static_cast<int>(limit.state)],
              key, limit.directory.c_str(), key, limit.reason.c_str());
}

void print(const char* key, const cgroup::Limit<std::uint64_t>& limit) {
  print(key, limit, static_cast<double>(limit.value));
}

int show() {
  const auto facts = machine::read_facts();
  const auto limits = cgroup::read_limits("", {facts.self_cgroup, facts.self_mountinfo});
  const auto& cpus = facts.cpus;
  const auto& quota = limits.cpu.quota;
  const bool set = quota.state == cgroup::Limit<cgroup::CpuTime>::State::set;
  print("cpu", quota, set ? quota.value.cpus() : 0);
  print("memory", limits.memory.hard);
  print("memory_high", limits.memory.high);
  print("swap", limits.memory.swap);
  print("pids", limits.pids.max);
  std::printf("cpu_version=%d\nmemory_version=%d\npids_version=%d\ncpuset=%s\noom_kills=%llu\n",
              limits.cpu.group.version, limits.memory.group.version, limits.pids.group.version,
              limits.cpuset.effective.value_or("unknown").c_str(),
              static_cast<unsigned long long>(limits.memory.oom_kills.value_or(0)));
  if (const auto effective =
          cgroup::effective_cpus(limits.cpu, limits.cpuset, cpus.allowed, cpus.online)) {
    std::printf("effective=%f\nbinding=%s\n", effective->cpus.value(), effective->binding.c_str());
  }
  return 0;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

int spin(int count, double duration) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration<double>(duration);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([end] {
      while (Clock::now() < end) {
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const double wall = std::chrono::duration<double>(Clock::now() - start).count();
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("%f\n", (seconds(usage.ru_utime) + seconds(usage.ru_stime)) / wall);
  return 0;
}

// The count lies in a file that outlives us.
int grow(const char* file, std::size_t bytes) {
  constexpr std::size_t kPage = 4096;
  const int fd = ::open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0 || ::ftruncate(fd, kPage) != 0) {
    return 1;
  }
  auto* const count = static_cast<std::atomic<std::size_t>*>(
      ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  auto* const memory = static_cast<char*>(::mmap(
      nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  if (count == MAP_FAILED || memory == MAP_FAILED) {
    return 1;
  }
  ::madvise(memory, bytes, MADV_NOHUGEPAGE);
  for (std::size_t at = 0; at < bytes; at += kPage) {
    memory[at] = 1;
    count->store(at + kPage);
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view what = count > 1 ? words[1] : "show";
  if (what == "spin" && count == 4) {
    return spin(std::atoi(words[2]), std::atof(words[3]));
  }
  if (what == "grow" && count == 4) {
    return grow(words[2], std::strtoull(words[3], nullptr, 10));
  }
  return show();
}
