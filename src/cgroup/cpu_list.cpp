#include <toolkit/base/text.hpp>
#include <toolkit/cgroup/limits.hpp>

#include <algorithm>

namespace toolkit::cgroup {
namespace {

constexpr long long kMost = 65536;  // CONFIG_NR_CPUS is at most 8192

}  // namespace

std::optional<std::vector<std::uint32_t>> parse_cpu_list(std::string_view text) {
  std::vector<std::uint32_t> cpus;
  text = trim(text);
  if (text.empty()) {
    return cpus;
  }
  for (const std::string_view part : split(text, ',')) {
    const auto dash = part.find('-');
    const auto first = parse_whole(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_whole(part.substr(dash + 1));
    if (!first || !last || *first > *last || *last >= kMost ||
        cpus.size() > static_cast<std::size_t>(kMost)) {
      return std::nullopt;
    }
    for (long long cpu = *first; cpu <= *last; ++cpu) {
      cpus.push_back(static_cast<std::uint32_t>(cpu));
    }
  }
  std::ranges::sort(cpus);
  const auto doubles = std::ranges::unique(cpus);
  cpus.erase(doubles.begin(), doubles.end());
  return cpus;
}

}  // namespace toolkit::cgroup
