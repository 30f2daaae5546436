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
  // A missing generation is a gap, not an error: only the current file has to be there.
  for (int number = keep - 1; number >= 0; --number) {
    const std::string from = generation_path(path, number);
    const std::string to = generation_path(path, number + 1);
    if (::rename(from.c_str(), to.c_str()) != 0 && (errno != ENOENT || number == 0)) {
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
