#include "collectors.hpp"

namespace toolkit::gpu {

Facts collect(const CollectOptions& options) {
  Facts facts;
  const machine::Facts machine =
      machine::read_facts(options.root, options.variables, machine::Adapters::leave);
  facts.place = read_place(options, machine);
  facts.driver = read_driver(options);
  facts.image = read_image(options);
  facts.host = read_host(options, machine, facts.driver);
  facts.rdma = read_rdma(options, machine);
  facts.amd = read_amd(options);
  ask_probes(options, facts);
  read_rdma_again(options, facts.rdma);
  return facts;
}

}  // namespace toolkit::gpu
