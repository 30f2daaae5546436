// disk:PATH free>=10G
//
// What a user without privileges may still write on PATH's file system: f_bavail of statvfs(3).

#include "looking.hpp"
#include "schemes.hpp"
#include "values.hpp"

#include <toolkit/base/byte_size.hpp>

#include <fmt/core.h>
#include <sys/statvfs.h>

#include <cerrno>

namespace toolkit::probe {
namespace {

Finding look(const std::string& path, const SizeBound& bound) {
  struct statvfs status {};
  int result = 0;
  do {
    result = ::statvfs(path.c_str(), &status);
  } while (result != 0 && errno == EINTR);
  if (result != 0) {
    return errno_finding(errno);
  }
  const std::uint64_t free = std::uint64_t{status.f_bavail} * status.f_frsize;
  const std::string words = describe_bytes(free) + " free";
  return bound.holds(free) ? is_met(words)
                           : not_yet(fmt::format("{}, wanted {}", words, bound.words()));
}

}  // namespace

Made make_disk(const condition::Leaf& leaf, const Settings&) {
  constexpr const char* kExample = "such as disk:/scratch free>=10G";
  if (leaf.target.text.empty()) {
    return mistake(leaf, leaf.target, "disk: wants a path", kExample);
  }
  if (auto wrong = unknown_parameter(leaf, {"free"})) {
    return tl::unexpected(std::move(*wrong));
  }
  const condition::Parameter* const free = leaf.find("free");
  if (free == nullptr) {
    return mistake(leaf, leaf.target, "disk: wants a size", kExample);
  }
  auto bound = size_bound(leaf, *free);
  if (!bound) {
    return tl::unexpected(std::move(bound.error()));
  }
  return make_looking_probe([path = leaf.target.text, bound = std::move(*bound)](SteadyTime) {
    return Look{look(path, bound)};
  });
}

}  // namespace toolkit::probe
