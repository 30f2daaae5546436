#include "collectors.hpp"

#include <algorithm>

namespace toolkit::gpu {
namespace {

using Clock = std::chrono::steady_clock;

// The time-out counts from our start. Of what is left the probes get half a time-out at least: less
// would call a slow driver a hung one.
std::chrono::milliseconds left_of(std::chrono::milliseconds timeout, Clock::time_point begin) {
  const auto spent = std::chrono::ceil<std::chrono::milliseconds>(Clock::now() - begin);
  return std::max(timeout - spent, timeout / 2);
}

}  // namespace

Facts collect(const CollectOptions& options) {
  const auto begin = Clock::now();
  Facts facts;
  const machine::Facts machine =
      machine::read_facts(options.root, options.variables, machine::Adapters::leave);
  facts.place = read_place(options, machine);
  facts.driver = read_driver(options);
  facts.image = read_image(options);
  facts.host = read_host(options, machine, facts.driver);
  facts.rdma = read_rdma(options, machine);
  facts.amd = read_amd(options);
  CollectOptions asking = options;
  asking.timeout = left_of(options.timeout, begin);
  ask_probes(asking, facts);
  read_rdma_again(options, facts.rdma);
  return facts;
}

}  // namespace toolkit::gpu
