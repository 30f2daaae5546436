// latency COUNT PATH :: COMMAND...: how long a signal needs from kill(2) on a supervisor to the
// handler of its child. Every COMMAND is started once, with this program as the child behind it
// ("latency child PATH I" is appended), all live at the same time, and each round sends SIGUSR1 to
// each in a new order. The handler notes the time in the shared file PATH. An empty COMMAND is the
// child without a supervisor.
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <tests/bench/programs/common.hpp>

#include <atomic>
#include <string>

namespace {

struct Slot {
  std::atomic<int> ready;
  std::atomic<long> count;
  std::atomic<bench::Nanoseconds> arrived;
};
constexpr std::size_t slots = 32;
Slot* shared = nullptr;
Slot* mine = nullptr;

void map(const char* path) {
  const int fd = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ::ftruncate(fd, sizeof(Slot) * slots) != 0) {
    bench::give_up(path);
  }
  shared = static_cast<Slot*>(
      ::mmap(nullptr, sizeof(Slot) * slots, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  ::close(fd);
}

void arrived(int) {
  mine->arrived = bench::now();
  mine->count = mine->count + 1;
}

int child(const char* path, int index) {
  map(path);
  mine = shared + index;
  struct sigaction action {};
  action.sa_handler = arrived;
  ::sigaction(SIGUSR1, &action, nullptr);
  mine->ready = 1;
  while (true) {
    ::pause();
  }
}

void sleep_us(long microseconds) {
  const timespec time = {0, microseconds * 1000};
  ::nanosleep(&time, nullptr);
}

bench::Nanoseconds send(pid_t pid, const Slot& slot) {
  const long before = slot.count;
  const bench::Nanoseconds start = bench::now();
  ::kill(pid, SIGUSR1);
  for (int waited = 0; slot.count == before; ++waited) {
    sleep_us(100);  // not spinning: the receiver may have the core
    if (waited > 20000) {
      ::fprintf(stderr, "latency: a signal did not arrive\n");
      ::exit(1);
    }
  }
  return slot.arrived - start;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && ::strcmp(argv[1], "child") == 0) {
    return child(argv[2], ::atoi(argv[3]));
  }
  const int rounds = argc > 2 ? ::atoi(argv[1]) : 0;
  map(argv[2]);
  auto commands = bench::commands(argc, argv, 3);
  std::vector<pid_t> pids;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    std::string number = std::to_string(i);
    char word[] = "child";
    commands[i].pop_back();
    commands[i].insert(commands[i].end(), {argv[0], word, argv[2], number.data(), nullptr});
    pids.push_back(bench::spawn(commands[i].data(), bench::silently()));
    while (shared[i].ready == 0) {
      sleep_us(1000);
    }
  }
  sleep_us(100'000);
  std::vector<std::vector<bench::Nanoseconds>> samples(commands.size());
  for (int round = 0; round < rounds; ++round) {
    for (const std::size_t which : bench::shuffled(commands.size())) {
      samples[which].push_back(send(pids[which], shared[which]));
    }
  }
  for (const pid_t pid : pids) {
    ::kill(pid, SIGTERM);
    ::waitpid(pid, nullptr, 0);
  }
  ::unlink(argv[2]);
  bench::print(samples);
  return 0;
}
