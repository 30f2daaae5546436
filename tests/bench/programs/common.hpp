#pragma once
// What the measuring programs share. They are small and static, so that starting them and starting
// from them disturbs little: a process that is spawned shows its parent's size until it has called
// exec.

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

extern char** environ;

namespace bench {

using Nanoseconds = std::int64_t;
using Command = std::vector<char*>;  // ends with a null pointer, as exec wants it

inline Nanoseconds now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<Nanoseconds>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

[[noreturn]] inline void give_up(const char* what) {
  ::perror(what);
  ::exit(1);
}

// The arguments from `first` on, cut at each "::".
inline std::vector<Command> commands(int argc, char** argv, int first) {
  std::vector<Command> found;
  for (int i = first; i < argc; ++i) {
    if (::strcmp(argv[i], "::") == 0) {
      found.emplace_back();
    } else if (!found.empty()) {
      found.back().push_back(argv[i]);
    }
  }
  for (Command& command : found) {
    command.push_back(nullptr);
  }
  return found;
}

inline pid_t spawn(char* const* command, const posix_spawn_file_actions_t* actions = nullptr) {
  pid_t pid = -1;
  if (const int error = ::posix_spawnp(&pid, command[0], actions, nullptr, command, environ);
      error != 0) {
    ::fprintf(stderr, "%s: %s\n", command[0], ::strerror(error));
    ::exit(1);
  }
  return pid;
}

// Actions that turn stdin, stdout and stderr to /dev/null.
inline const posix_spawn_file_actions_t* silently() {
  static posix_spawn_file_actions_t actions;
  static const bool made = [] {
    ::posix_spawn_file_actions_init(&actions);
    for (int fd = 0; fd <= 2; ++fd) {
      ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    }
    return true;
  }();
  return made ? &actions : nullptr;
}

// A different order each round, so that nobody always runs behind the same neighbour.
inline std::vector<std::size_t> shuffled(std::size_t count) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto j = static_cast<std::size_t>(::random()) % (i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  return order;
}

// One line a command: its samples.
inline void print(const std::vector<std::vector<Nanoseconds>>& samples) {
  for (const auto& row : samples) {
    for (const Nanoseconds sample : row) {
      ::printf("%lld ", static_cast<long long>(sample));
    }
    ::printf("\n");
  }
}

// A line of /proc/PID/status behind its name; empty when there is none.
struct StatusLine {
  char text[128] = {};
};

inline StatusLine status_line(pid_t pid, const char* name) {
  char path[64], line[256];
  StatusLine found;
  ::snprintf(path, sizeof path, "/proc/%d/status", pid);
  if (FILE* file = ::fopen(path, "re")) {
    while (::fgets(line, sizeof line, file) != nullptr) {
      if (::strncmp(line, name, ::strlen(name)) == 0) {
        ::snprintf(found.text, sizeof found.text, "%.100s", line + ::strlen(name));
      }
    }
    ::fclose(file);
  }
  return found;
}

// R, S, D, T, Z …, as proc(5) has them; a null character for no such process.
inline char state_of(pid_t pid) {
  const StatusLine line = status_line(pid, "State:\t");
  return line.text[0];
}

}  // namespace bench
