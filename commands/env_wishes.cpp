#include "env_wishes.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace toolkit::commands {
namespace {

Result<void> demand_known(std::string_view prefix, const std::string& provider) {
  const auto names = cluster::provider_names();
  if (provider.empty() ||
      std::ranges::find(names, provider, &cluster::ProviderName::name) != names.end()) {
    return {};
  }
  std::vector<std::string_view> known;
  for (const cluster::ProviderName& one : names) {
    known.push_back(one.name);
  }
  const auto close = nearest(provider, known);
  return fail(ErrorKind::usage,
              fmt::format("{}provider: '{}' is not known", prefix, printable(provider)),
              close.empty() ? fmt::format("one of {}", fmt::join(known, ", "))
                            : fmt::format("{}provider {}", prefix, close));
}

}  // namespace

Result<cluster::Wishes> wishes_of(std::string_view prefix, const std::string& provider,
                                  const std::optional<int>& processes) {
  if (processes && *processes == 0) {
    return fail(ErrorKind::usage, fmt::format("{}nproc: at least 1 process", prefix));
  }
  TRY(demand_known(prefix, provider));
  cluster::Wishes wishes;
  wishes.provider = provider;
  if (processes) {
    wishes.processes = static_cast<std::uint32_t>(*processes);
  }
  return wishes;
}

}  // namespace toolkit::commands
