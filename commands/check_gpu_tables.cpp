#include "check_gpu_tables.hpp"

#include "check_gpu_cells.hpp"

#include <toolkit/gpu/topology.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace toolkit::commands {
namespace {

using diagnosis::Finding;
using diagnosis::Status;

using Row = std::vector<std::string>;

constexpr std::size_t kLongestName = 32;

// Columns as wide as their widest cell; a column without a word is left out.
std::vector<std::string> aligned(const std::vector<Row>& rows) {
  std::vector<std::string> lines(rows.size(), " ");
  for (std::size_t column = 0; column < rows.front().size(); ++column) {
    std::size_t width = 0;
    bool used = false;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      width = std::max(width, rows[row][column].size());
      used = used || (row > 0 && !rows[row][column].empty());
    }
    for (std::size_t row = 0; used && row < rows.size(); ++row) {
      lines[row] += fmt::format(" {:<{}}", rows[row][column], width + 1);
    }
  }
  for (std::string& line : lines) {
    line.erase(line.find_last_not_of(' ') + 1);
  }
  return lines;
}

// What is wrong with this GPU alone: "FAIL hw.ecc, warn hw.power".
std::string state_of(const std::string& address, const std::vector<Finding>& findings) {
  std::vector<std::string> words;
  for (const Finding& finding : findings) {
    if (finding.scope == address &&
        (finding.status == Status::fail || finding.status == Status::warn)) {
      words.push_back(
          fmt::format("{} {}", finding.status == Status::fail ? "FAIL" : "warn", finding.id));
    }
  }
  std::ranges::sort(words);
  words.erase(std::ranges::unique(words).begin(), words.end());
  return fmt::format("{}", fmt::join(words, ", "));
}

template <typename T>
std::string or_dash(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "-";
}

std::string short_name(const gpu::Gpu& gpu) {
  constexpr std::string_view kMaker = "NVIDIA ";
  const std::string_view name = gpu.amd && gpu.name.empty() ? "AMD" : std::string_view(gpu.name);
  return std::string(name.substr(name.starts_with(kMaker) ? kMaker.size() : 0, kLongestName));
}

}  // namespace

std::string scope_name(std::string_view scope, const gpu::Inventory& inventory) {
  const auto gpu = std::ranges::find(inventory.gpus, scope, &gpu::Gpu::address);
  return gpu != inventory.gpus.end() && gpu->index ? fmt::format("GPU {} ({})", *gpu->index, scope)
                                                   : std::string(scope);
}

std::string scope_names(const std::vector<std::string>& scopes, const gpu::Inventory& inventory) {
  const bool all =
      inventory.gpus.size() > 1 && scopes.size() == inventory.gpus.size() &&
      std::ranges::all_of(scopes, [&](const std::string& scope) {
        return std::ranges::find(inventory.gpus, scope, &gpu::Gpu::address) != inventory.gpus.end();
      });
  if (all) {
    return fmt::format("all {} GPUs", scopes.size());
  }
  std::vector<std::string> names;
  for (const std::string& scope : scopes) {
    names.push_back(scope_name(scope, inventory));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<std::string> gpu_table(const Judged& judged, const gpu::Inventory& inventory) {
  if (inventory.gpus.empty()) {
    return {};
  }
  std::vector<Row> rows{{"GPU", "CUDA", "address", "name", "CC", "memory GiB", "C", "W", "PCIe",
                         "NVLink", "ECC", ""}};
  for (const gpu::Gpu& gpu : inventory.gpus) {
    rows.push_back({or_dash(gpu.index), or_dash(gpu.cuda_ordinal), gpu.address, short_name(gpu),
                    gpu.compute_capability, memory_cell(gpu), temperature_cell(gpu),
                    power_cell(gpu), pcie_cell(gpu), nvlink_cell(gpu), ecc_cell(gpu),
                    state_of(gpu.address, judged.verdict.findings)});
  }
  return aligned(rows);
}

std::vector<std::string> link_table(const gpu::Facts& facts, const gpu::Inventory& inventory) {
  const gpu::AdapterTable near = gpu::adapter_table(facts);
  std::vector<const gpu::Gpu*> gpus;
  for (const gpu::Gpu& gpu : inventory.gpus) {
    if (gpu.index) {
      gpus.push_back(&gpu);
    }
  }
  if (gpus.empty() || gpus.size() + near.adapters.size() < 2) {
    return {};
  }
  std::vector<Row> rows{{""}};
  for (const gpu::Gpu* to : gpus) {
    rows[0].push_back(fmt::format("GPU{}", *to->index));
  }
  rows[0].insert(rows[0].end(), near.adapters.begin(), near.adapters.end());
  for (const gpu::Gpu* from : gpus) {
    Row& row = rows.emplace_back(Row{fmt::format("GPU{}", *from->index)});
    for (const gpu::Gpu* to : gpus) {
      row.push_back(from == to ? "X" : link_cell(facts, *from, *to));
    }
    const auto adapters = std::ranges::find(near.rows, from->address, &gpu::AdapterTable::Row::gpu);
    for (std::size_t i = 0; i < near.adapters.size(); ++i) {
      const bool known = adapters != near.rows.end() && i < adapters->distances.size();
      row.emplace_back(known ? distance_name(adapters->distances[i]) : "-");
    }
  }
  return aligned(rows);
}

std::vector<std::string> deep_table(const gpu::DeepFacts& deep) {
  if (!deep.ran) {
    return {};
  }
  std::vector<Row> rows{{"CUDA", "to GPU MB/s", "to host MB/s", "copy MB/s", "FMA GFLOP/s",
                         "tested bytes", "wrong words"}};
  for (const auto& gpu : deep.gpus) {
    const auto cell = [&](const char* name) {
      const auto it = gpu.find(name);
      return it == gpu.end() ? std::string("-") : it->second;
    };
    rows.push_back({cell("ordinal"), cell("to_device_mbs"), cell("to_host_mbs"), cell("copy_mbs"),
                    cell("fma_gflops"), cell("tested_bytes"), cell("wrong_words")});
  }
  return aligned(rows);
}

}  // namespace toolkit::commands
