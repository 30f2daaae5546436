#include "collectors.hpp"

namespace toolkit::gpu {

Facts collect(const CollectOptions& options) {
  Facts facts;
  facts.place = read_place(options);
  facts.driver = read_driver(options);
  facts.image = read_image(options);
  facts.host = read_host(options);
  facts.rdma = read_rdma(options);
  facts.amd = read_amd(options);
  ask_probes(options, facts);
  return facts;
}

}  // namespace toolkit::gpu
