#include "collectors.hpp"
#include "probe/ask.hpp"

#include <algorithm>

namespace toolkit::gpu {
namespace {

using Clock = std::chrono::steady_clock;

// The time-out counts from our start. The probes get half of one at least: less would call a slow
// driver a hung one.
Clock::time_point deadline_of(std::chrono::milliseconds timeout, Clock::time_point begin) {
  return std::max(begin + timeout, Clock::now() + timeout / 2);
}

// A start may take 150 ms in all, and from a cold disk the headers in a whole CUDA are 0.8 s of
// reading. Late or not, it gets long enough for what lies in memory.
Clock::time_point scan_end(const CollectOptions& options, Clock::time_point begin) {
  constexpr std::chrono::milliseconds kPassive{100}, kLeast{30}, kDeep{1000};
  return options.scan   ? Clock::now() + *options.scan
         : options.deep ? Clock::now() + kDeep
                        : std::max(begin + kPassive, Clock::now() + kLeast);
}

}  // namespace

Facts collect(const CollectOptions& options) {
  const auto begin = Clock::now();
  Facts facts;
  const machine::Facts machine =
      machine::read_facts(options.root, options.variables, machine::Adapters::leave);
  facts.place = read_place(options, machine);
  facts.driver = read_driver(options);
  // Not before: libraries of the driver load modules and make device files.
  const auto deadline = deadline_of(options.timeout, begin);
  Probes probes(options, deadline, facts);
  probes.ask_driver();
  facts.amd = read_amd(options);
  probes.ask_amd();
  facts.rdma = read_rdma(options, machine);
  probes.ask_adapters();
  facts.host = read_host(options, machine, facts.driver);
  probes.listen();
  if (!options.is_stopped()) {
    facts.image = read_image(options, std::min(scan_end(options, begin), deadline));
  }
  probes.until_the_end();
  if (options.deep && !options.is_stopped()) {
    burn(options, facts);
    read_counters_again(options, facts.probes);
    read_rdma_again(options, facts.rdma);
  }
  return facts;
}

}  // namespace toolkit::gpu
