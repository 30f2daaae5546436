#include "check_gpu_tables.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace toolkit::commands {
namespace {

using diagnosis::Finding;
using diagnosis::Status;

using Row = std::vector<std::string>;

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

std::string bus(const gpu::Gpu& gpu) {
  return gpu.pci == nullptr || gpu.pci->link_speed.empty()
             ? ""
             : fmt::format("{} x{}", gpu.pci->link_speed.substr(0, gpu.pci->link_speed.find(' ')),
                           gpu.pci->link_width);
}

}  // namespace

std::string scope_name(std::string_view scope, const gpu::Inventory& inventory) {
  const auto gpu = std::ranges::find(inventory.gpus, scope, &gpu::Gpu::address);
  return gpu != inventory.gpus.end() && gpu->index ? fmt::format("GPU {} ({})", *gpu->index, scope)
                                                   : std::string(scope);
}

std::vector<std::string> gpu_table(const Judged& judged, const gpu::Inventory& inventory) {
  if (inventory.gpus.empty()) {
    return {};
  }
  std::vector<Row> rows{{"GPU", "CUDA", "address", "name", "CC", "GT/s", ""}};
  for (const gpu::Gpu& gpu : inventory.gpus) {
    rows.push_back({or_dash(gpu.index), or_dash(gpu.cuda_ordinal), gpu.address,
                    gpu.amd && gpu.name.empty() ? "AMD" : gpu.name, gpu.compute_capability,
                    bus(gpu), state_of(gpu.address, judged.verdict.findings)});
  }
  return aligned(rows);
}

}  // namespace toolkit::commands
