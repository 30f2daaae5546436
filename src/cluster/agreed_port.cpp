#include <toolkit/cluster/exports.hpp>

#include <algorithm>

namespace toolkit::cluster {
namespace {

constexpr std::uint32_t kFirst = 10'000, kLast = 29'999;
constexpr std::uint32_t kUnprivileged = 1024, kHighest = 65'535;

/// FNV-1a, which every machine computes alike.
std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  }
  return hash;
}

bool inside(const PortRange& range, std::uint32_t port) {
  return port >= range.first && port <= range.second;
}

}  // namespace

std::optional<std::uint16_t> agreed_port(std::string_view job_id,
                                         const std::optional<PortRange>& ephemeral,
                                         const std::vector<PortRange>& reserved) {
  const auto is_free = [&](std::uint32_t port) {
    return !(ephemeral && inside(*ephemeral, port)) &&
           std::ranges::none_of(reserved, [&](const auto& range) { return inside(range, port); });
  };
  constexpr std::uint32_t kCount = kLast - kFirst + 1;
  constexpr std::uint32_t kOfTorchrun = 29'500;
  const auto start = job_id.empty() ? kOfTorchrun - kFirst : hash_of(job_id) % kCount;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const auto port = kFirst + (start + i) % kCount;
    if (is_free(port)) {
      return static_cast<std::uint16_t>(port);
    }
  }
  for (auto port = kUnprivileged; port <= kHighest; ++port) {
    if (is_free(port)) {
      return static_cast<std::uint16_t>(port);
    }
  }
  return std::nullopt;
}

}  // namespace toolkit::cluster
