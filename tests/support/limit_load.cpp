// Loads that run into the limits of their groups.
//   limit_load spin THREADS SECONDS   the CPUs that spinning threads got
//   limit_load grow FILE BYTES        touches memory, and keeps the count in FILE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Neither our start nor the quota that a group has in hand when it begins is part of the measure.
int spin(int count, double duration) {
  using Clock = std::chrono::steady_clock;
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&over] {
      while (!over) {
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const auto start = Clock::now();
  const double before = cpu_seconds();
  std::this_thread::sleep_for(std::chrono::duration<double>(duration));
  const double got = cpu_seconds() - before;
  const double wall = std::chrono::duration<double>(Clock::now() - start).count();
  over = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::printf("%f\n", got / wall);
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
  const std::string_view what = count > 1 ? words[1] : "";
  if (what == "spin" && count == 4) {
    return spin(std::atoi(words[2]), std::atof(words[3]));
  }
  if (what == "grow" && count == 4) {
    return grow(words[2], std::strtoull(words[3], nullptr, 10));
  }
  return 2;
}
