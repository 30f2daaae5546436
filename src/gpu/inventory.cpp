#include <toolkit/gpu/inventory.hpp>

#include <algorithm>
#include <cctype>
#include <tuple>

namespace toolkit::gpu {
namespace {

constexpr std::uint32_t kNvidia = 0x10de;
constexpr std::uint32_t kDisplay = 0x03;  // the base class: VGA 0x0300, 3D 0x0302

// All sides by the address; what has none (MIG, a broken handle) gets a row of its own.
class Rows {
 public:
  Gpu& at(const std::string& address) {
    const auto it = std::ranges::find(rows, address, &Gpu::address);
    if (!address.empty() && it != rows.end()) {
      return *it;
    }
    Gpu& made = rows.emplace_back();
    made.address = address;
    return made;
  }
  std::vector<Gpu> rows;
};

template <typename T>
void fill(T& to, const T& from) {
  to = to == T() ? from : to;
}

void add_bus(Rows& rows, const DriverFacts& driver) {
  for (const PciDevice& device : driver.pci) {
    if (device.vendor == kNvidia && device.class_code >> 16 == kDisplay) {
      rows.at(pci_address(device.address)).pci = &device;
    }
  }
  for (const ProcGpu& proc : driver.proc_gpus) {
    Gpu& gpu = rows.at(pci_address(proc.address));
    fill(gpu.uuid, proc.uuid);
    fill(gpu.name, proc.model);
    fill(gpu.minor, proc.minor);
  }
}

void add_nvml(Rows& rows, const NvmlFacts& nvml) {
  for (const NvmlGpu& seen : nvml.gpus) {
    Gpu& gpu = rows.at(pci_address(seen.address));
    gpu.nvml = &seen;
    gpu.index = seen.index;
    gpu.name = seen.name.empty() ? gpu.name : seen.name;
    gpu.uuid = seen.uuid.empty() ? gpu.uuid : seen.uuid;
    gpu.compute_capability = seen.compute_capability;
    fill(gpu.minor, seen.minor);
  }
}

void add_cuda(Rows& rows, const CudaFacts& cuda) {
  for (const CudaGpu& seen : cuda.gpus) {
    Gpu& gpu = rows.at(pci_address(seen.address));
    gpu.cuda_ordinal = seen.ordinal;
    fill(gpu.name, seen.name);
    fill(gpu.uuid, seen.uuid);
    fill(gpu.compute_capability, seen.compute_capability);
  }
}

// A GPU that NVML cannot open has an index and no address. Where one address is without NVML's
// word, it is that one's.
void join_broken(std::vector<Gpu>& rows) {
  const auto is_broken = [](const Gpu& gpu) {
    return gpu.nvml != nullptr && gpu.address.empty() && gpu.nvml->handle_error.value_or(0) != 0;
  };
  const auto is_alone = [](const Gpu& gpu) { return gpu.nvml == nullptr && !gpu.address.empty(); };
  if (std::ranges::count_if(rows, is_broken) == 1 && std::ranges::count_if(rows, is_alone) == 1) {
    const auto broken = std::ranges::find_if(rows, is_broken);
    const auto alone = std::ranges::find_if(rows, is_alone);
    alone->nvml = broken->nvml;
    alone->index = broken->index;
    rows.erase(broken);
  }
}

bool has_node(const DriverFacts& driver, const Gpu& gpu) {
  return gpu.minor && std::ranges::any_of(driver.nodes, [&](const DeviceNode& node) {
           return node.exists && node.path == "/dev/nvidia" + std::to_string(*gpu.minor);
         });
}

}  // namespace

std::string pci_address(std::string_view text) {
  std::string address;
  for (const char letter : text) {
    address += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  const auto colon = address.find(':');
  return colon == 8 && address.starts_with("0000") ? address.substr(4) : address;
}

Inventory take_inventory(const Facts& facts) {
  Rows rows;
  add_bus(rows, facts.driver);
  add_nvml(rows, facts.probes.nvml);
  add_cuda(rows, facts.probes.cuda);
  join_broken(rows.rows);
  const auto is_ours = [&](const Gpu& gpu) {
    return gpu.nvml != nullptr || gpu.cuda_ordinal || has_node(facts.driver, gpu);
  };
  Inventory inventory;
  const auto ours = static_cast<std::size_t>(std::ranges::count_if(rows.rows, is_ours));
  inventory.none_is_ours = ours == 0;
  inventory.of_others = ours == 0 ? 0 : rows.rows.size() - ours;
  std::ranges::copy_if(rows.rows, std::back_inserter(inventory.gpus),
                       [&](const Gpu& gpu) { return ours == 0 || is_ours(gpu); });
  for (const AmdGpu& amd : facts.amd.gpus) {
    Gpu& gpu = inventory.gpus.emplace_back();
    gpu.address = pci_address(amd.address);
    gpu.amd = true;
  }
  std::ranges::stable_sort(inventory.gpus, {}, [](const Gpu& gpu) {
    return std::tuple(gpu.amd, gpu.index.value_or(1 << 20), gpu.address);
  });
  return inventory;
}

}  // namespace toolkit::gpu
