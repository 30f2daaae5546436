#include "check_gpu_cells.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/gpu/probe_values.hpp>
#include <toolkit/gpu/topology.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace toolkit::commands {
namespace {

using gpu::Gpu;
namespace value = gpu::value;

std::optional<long long> number(const Gpu& gpu, const char* name) {
  if (gpu.nvml == nullptr) {
    return std::nullopt;
  }
  const auto it = gpu.nvml->values.find(name);
  return it == gpu.nvml->values.end() ? std::nullopt : parse_whole(it->second);
}

std::string fraction(const std::optional<long long>& part, const std::optional<long long>& whole,
                     double unit, int digits) {
  const auto words = [&](long long amount) {
    return fmt::format("{:.{}f}", static_cast<double>(amount) / unit, digits);
  };
  return part && whole ? words(*part) + "/" + words(*whole) : whole ? "-/" + words(*whole) : "";
}

using Link = std::map<std::string, std::string>;

std::string at(const Link& link, const char* name) {
  const auto it = link.find(name);
  return it == link.end() ? "" : it->second;
}
bool is_up(const Link& link) { return at(link, "state") == "1"; }

// Through switches every GPU is reached by all links; without, by those that end at it.
std::ptrdiff_t links_between(const Gpu& from, const Gpu& to) {
  if (from.nvml == nullptr || to.nvml == nullptr || to.nvml->handle_error.value_or(0) != 0) {
    return 0;
  }
  const bool by_switch = number(from, value::kNvlinkToSwitch).value_or(0) > 0;
  return std::ranges::count_if(from.nvml->links, [&](const Link& link) {
    return is_up(link) && (by_switch || gpu::pci_address(at(link, "remote")) == to.address);
  });
}

std::string path_word(const gpu::Facts& facts, const Gpu& from, const Gpu& to) {
  constexpr std::pair<std::string_view, const char*> kWords[] = {
      {"board", "PIX"},  {"switch", "PIX"}, {"switches", "PXB"},
      {"bridge", "PHB"}, {"node", "NODE"},  {"system", "SYS"}};
  const auto& [low, high] = std::minmax(*from.index, *to.index);
  const auto& p2p = facts.probes.nvml.p2p;
  const auto seen = p2p.find(fmt::format("{}-{} path", low, high));
  for (const auto& [word, short_word] : kWords) {
    if (seen != p2p.end() && seen->second == word) {
      return short_word;
    }
  }
  if (from.pci == nullptr || to.pci == nullptr) {
    return "-";
  }
  const gpu::Distance distance = gpu::distance_between({from.pci->path, from.pci->numa_node},
                                                       {to.pci->path, to.pci->numa_node});
  return distance == gpu::Distance::unknown ? "-" : std::string(distance_name(distance));
}

}  // namespace

std::string memory_cell(const Gpu& gpu) {
  return fraction(number(gpu, value::kMemoryUsed), number(gpu, value::kMemoryTotal),
                  1024.0 * 1024 * 1024, 1);
}

std::string temperature_cell(const Gpu& gpu) {
  const auto degrees = number(gpu, value::kTemperature);
  return degrees ? fmt::format("{}", *degrees) : "";
}

std::string power_cell(const Gpu& gpu) {
  return fraction(number(gpu, value::kPowerUsage), number(gpu, value::kPowerLimit), 1000, 0);
}

std::string pcie_cell(const Gpu& gpu) {
  const auto generation = number(gpu, value::kPcieGeneration);
  const auto width = number(gpu, value::kPcieWidth);
  if (generation && width) {
    return fmt::format("gen{} x{}", *generation, *width);
  }
  return gpu.pci == nullptr || gpu.pci->link_width.empty()
             ? ""
             : fmt::format("{} x{}",
                           gpu.pci->link_speed.substr(0, gpu.pci->link_speed.find(" PCIe")),
                           gpu.pci->link_width);
}

std::string nvlink_cell(const Gpu& gpu) {
  return gpu.nvml == nullptr || gpu.nvml->links.empty()
             ? ""
             : fmt::format("{}/{}", std::ranges::count_if(gpu.nvml->links, is_up),
                           gpu.nvml->links.size());
}

std::string ecc_cell(const Gpu& gpu) {
  if (number(gpu, value::kEccMode) == 0) {
    return "off";
  }
  const auto errors = number(gpu, value::kEccVolatileUncorrected);
  return errors ? fmt::format("{}", *errors) : "";
}

std::string link_cell(const gpu::Facts& facts, const Gpu& from, const Gpu& to) {
  const auto links = links_between(from, to);
  return links > 0 ? fmt::format("NV{}", links) : path_word(facts, from, to);
}

}  // namespace toolkit::commands
