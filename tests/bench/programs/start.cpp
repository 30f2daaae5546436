// start ROUNDS :: COMMAND... :: COMMAND...: starts each once a round, in a new order each round,
// and times it from posix_spawn to the return of wait4. Prints one line a command: nanoseconds of
// each round.
#include <tests/bench/programs/common.hpp>

namespace {
bench::Nanoseconds run_once(const bench::Command& command) {
  int status = 0;
  const bench::Nanoseconds start = bench::now();
  const pid_t pid = bench::spawn(command.data(), bench::silently());
  ::wait4(pid, &status, 0, nullptr);
  const bench::Nanoseconds end = bench::now();
  if (status != 0) {
    ::fprintf(stderr, "start: %s ended with status %#x\n", command[0],
              static_cast<unsigned>(status));
    ::exit(1);
  }
  return end - start;
}
}  // namespace

int main(int argc, char** argv) {
  constexpr int warm_up = 10;
  const int rounds = argc > 1 ? ::atoi(argv[1]) : 0;
  const auto commands = bench::commands(argc, argv, 2);
  std::vector<std::vector<bench::Nanoseconds>> samples(commands.size());
  for (int round = -warm_up; round < rounds; ++round) {
    for (const std::size_t which : bench::shuffled(commands.size())) {
      const bench::Nanoseconds time = run_once(commands[which]);
      if (round >= 0) {
        samples[which].push_back(time);
      }
    }
  }
  bench::print(samples);
  return 0;
}
