#pragma once
// Symbolic links below a root: absolute ones begin there, and not at the real /.

#include <string>
#include <vector>

namespace toolkit::gpu {

struct Followed {
  std::string path;                // without links, from the root
  std::vector<std::string> steps;  // what the last name went through, the first is what was asked
  bool exists = false;
};

[[nodiscard]] Followed follow(const std::string& root, const std::string& path);

/// "libcuda.so.1 -> libcuda.so.550.90.07"; a directory is written where it changes.
[[nodiscard]] std::string chain_of(const Followed& followed);

}  // namespace toolkit::gpu
