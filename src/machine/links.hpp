#pragma once
// The interfaces, their addresses and the way out, asked of the kernel over one netlink socket
// (rtnetlink(7)): three questions, whatever there is. Nothing is sent to the network.

#include <toolkit/machine/facts.hpp>

#include <string>
#include <vector>

namespace toolkit::machine {

struct Links {
  std::vector<Interface> interfaces;
  std::uint32_t route_out = 0;      // index of the interface towards an outside address; 0: none
  std::vector<std::string> on_pci;  // names of interfaces that are PCI devices
  std::string trouble;
};
[[nodiscard]] Links read_links();

}  // namespace toolkit::machine
