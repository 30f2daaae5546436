#pragma once
// Everything that `check-gpu` judges by, as plain data: what --capture writes and --replay reads is
// all that the rules ever see. Each struct names its fields once, in fields(); JSON goes by that.

#include <toolkit/gpu/driver_facts.hpp>
#include <toolkit/gpu/host_facts.hpp>
#include <toolkit/gpu/image_facts.hpp>
#include <toolkit/gpu/place_facts.hpp>
#include <toolkit/gpu/probe_facts.hpp>

#include <string>
#include <vector>

namespace toolkit::gpu {

struct Facts {
  PlaceFacts place;
  DriverFacts driver;
  ProbeFacts probes;
  ImageFacts image;
  HostFacts host;
  RdmaFacts rdma;
  AmdFacts amd;
  std::vector<std::string> troubles;  // what could not be looked at, and why

  static void fields(auto& self, auto& visit) {
    visit("place", self.place);
    visit("driver", self.driver);
    visit("probes", self.probes);
    visit("image", self.image);
    visit("host", self.host);
    visit("rdma", self.rdma);
    visit("amd", self.amd);
    visit("troubles", self.troubles);
  }
};

}  // namespace toolkit::gpu
