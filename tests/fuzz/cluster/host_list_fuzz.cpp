// Host lists and counts never crash nor grow without bound, and what expands folds and expands to
// the same again.
#include <toolkit/cluster/host_list.hpp>

#include <cstdlib>

using namespace toolkit::cluster;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr std::size_t kLimit = 1000;
  for (const auto grammar : {HostGrammar::slurm_22, HostGrammar::slurm_24}) {
    const auto hosts = expand_hosts(text, grammar, kLimit);
    if (!hosts) {
      continue;
    }
    if (hosts->size() > kLimit) {
      std::abort();
    }
    const auto folded = fold_hosts(*hosts);
    // Names with brackets in them are written as they are, and may mean something else then.
    const auto again = expand_hosts(folded, HostGrammar::slurm_24, kLimit);
    bool plain = true;
    for (const auto& host : *hosts) {
      plain = plain && !host.empty() && host.find_first_of("[] \t,\n") == host.npos;
    }
    if (plain && (!again || *again != *hosts)) {
      std::abort();
    }
  }
  if (const auto counts = expand_counts(text, kLimit); counts && counts->size() > kLimit) {
    std::abort();
  }
  return 0;
}
