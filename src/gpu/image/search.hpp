#pragma once
// Where an image keeps CUDA: the directories that are there, each once. Paths are those of the
// image; `Places::real` puts the root before them.

#include <toolkit/gpu/collect.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

struct Places {
  std::string root;
  std::vector<std::string> toolkits;   // "/usr/local/cuda-12.4"
  std::vector<std::string> packages;   // ".../python3.11/site-packages"
  std::vector<std::string> libraries;  // in the order of the loader, as far as we know it

  [[nodiscard]] std::string real(std::string_view path) const { return root + std::string(path); }
  [[nodiscard]] std::vector<std::string> names(std::string_view directory) const;
  [[nodiscard]] bool is_file(std::string_view path) const;
};

[[nodiscard]] Places find_places(const CollectOptions& options);

/// The directories of NVIDIA's wheels: ".../site-packages/nvidia/cublas/lib".
[[nodiscard]] std::vector<std::string> wheel_libraries(const Places& places,
                                                       std::string_view packages);

/// "libcublas" of "libcublas.so.12.4.5"; "" when it is no shared library.
[[nodiscard]] std::string_view library_name(std::string_view file);

/// What follows ".so.": "12.4.5", "" for nothing.
[[nodiscard]] std::string_view library_version(std::string_view file);

}  // namespace toolkit::gpu
