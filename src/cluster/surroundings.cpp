#include <toolkit/base/file.hpp>
#include <toolkit/cluster/surroundings.hpp>

#include <unistd.h>

namespace toolkit::cluster {

std::optional<std::string> Surroundings::file(const std::string& path) const {
  constexpr std::size_t kMost = 1U << 20U;
  auto bytes = read_file(root_ + path, kMost);
  return bytes ? std::optional(std::move(*bytes)) : std::nullopt;
}

bool Surroundings::exists(const std::string& path) const {
  return access((root_ + path).c_str(), F_OK) == 0;
}

}  // namespace toolkit::cluster
