#pragma once
// One look at one side of the world each; collect.cpp calls them in this order. The probes, which
// run meanwhile, are in probe/ask.hpp.

#include <toolkit/gpu/collect.hpp>
#include <toolkit/machine/facts.hpp>

namespace toolkit::gpu {

[[nodiscard]] PlaceFacts read_place(const CollectOptions& options, const machine::Facts& machine);
/// Does not open /dev/nvidiaN: that starts the GPU and may block, so a probe does it.
[[nodiscard]] DriverFacts read_driver(const CollectOptions& options);
/// What takes long, the search for GPU code, ends at `until` and says what it left out.
[[nodiscard]] ImageFacts read_image(const CollectOptions& options,
                                    std::chrono::steady_clock::time_point until);
[[nodiscard]] HostFacts read_host(const CollectOptions& options, const machine::Facts& machine,
                                  const DriverFacts& driver);
[[nodiscard]] RdmaFacts read_rdma(const CollectOptions& options, const machine::Facts& machine);
/// After the load of --deep: the counters that were read before it, once more.
void read_rdma_again(const CollectOptions& options, RdmaFacts& rdma);
[[nodiscard]] AmdFacts read_amd(const CollectOptions& options);

}  // namespace toolkit::gpu
