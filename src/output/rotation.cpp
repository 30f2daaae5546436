#include "rotation.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace toolkit::output {

std::string generation_path(const std::string& path, int number) {
  return number == 0 ? path : path + "." + std::to_string(number);
}

int shift_generations(const std::string& path, int keep) {
  if (keep <= 0) {
    return ::unlink(path.c_str()) == 0 ? 0 : errno;
  }
  // Up to the first gap: what is beyond it need not move.
  int last = 1;
  while (last < keep && ::access(generation_path(path, last).c_str(), F_OK) == 0) {
    ++last;
  }
  for (int number = last; number > 0; --number) {
    if (::rename(generation_path(path, number - 1).c_str(),
                 generation_path(path, number).c_str()) != 0) {
      return errno;
    }
  }
  return 0;
}

void trim_generations(const std::string& path, int keep, std::uint64_t budget) {
  std::uint64_t total = 0;
  for (int number = 1; number <= keep; ++number) {
    const std::string generation = generation_path(path, number);
    struct stat status {};
    if (::stat(generation.c_str(), &status) != 0) {
      continue;
    }
    total += static_cast<std::uint64_t>(status.st_size);
    if (total > budget) {
      ::unlink(generation.c_str());
    }
  }
}

}  // namespace toolkit::output
