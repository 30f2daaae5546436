#include "lines.hpp"

#include "../host/amd_files.hpp"

#include <toolkit/base/text.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

namespace toolkit::gpu {
namespace {

constexpr std::size_t kLongestLine = 4096, kMostBytes = 8 << 20;
constexpr int kMostGpus = 256;

// The first word, which `line` loses with the space behind it.
std::string_view word(std::string_view& line) {
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string_view first = line.substr(0, space);
  line.remove_prefix(std::min(space + 1, line.size()));
  return first;
}

std::optional<int> number(std::string_view text) {
  const auto whole = parse_whole(text);
  const bool fits = whole && *whole >= std::numeric_limits<int>::min() &&
                    *whole <= std::numeric_limits<int>::max();
  return fits ? std::optional<int>(static_cast<int>(*whole)) : std::nullopt;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

// nvml.h's numbers; one that came later stays a number.
std::string architecture_name(std::string_view code) {
  constexpr std::array<std::string_view, 14> kNames{
      "",       "",    "kepler", "maxwell",   "pascal", "volta", "turing",
      "ampere", "ada", "hopper", "blackwell", "",       "",      "rubin"};
  const auto index = number(code);
  const bool known = index && *index >= 0 && *index < static_cast<int>(kNames.size());
  const std::string_view name = known ? kNames[static_cast<std::size_t>(*index)] : "";
  return std::string(name.empty() ? code : name);
}

// The entry whose `key` is `name`, made when it is not there.
std::map<std::string, std::string>& entry(std::vector<std::map<std::string, std::string>>& list,
                                          const std::string& key, std::string_view name) {
  const auto it = std::ranges::find_if(list, [&](const auto& item) {
    const auto found = item.find(key);
    return found != item.end() && found->second == name;
  });
  if (it != list.end()) {
    return *it;
  }
  list.emplace_back()[key] = name;
  return list.back();
}

NvmlGpu& nvml_gpu(NvmlFacts& nvml, int index) {
  const auto it =
      std::ranges::lower_bound(nvml.gpus, index, {}, [](const NvmlGpu& gpu) { return *gpu.index; });
  if (it != nvml.gpus.end() && it->index == index) {
    return *it;
  }
  NvmlGpu made;
  made.index = index;
  return *nvml.gpus.insert(it, std::move(made));
}

void take_process(NvmlGpu& gpu, std::string_view line) {
  const std::string kind(word(line));
  const std::string pid(word(line));
  auto& process = entry(gpu.processes, "id", kind + " " + pid);
  process["kind"] = kind.substr(std::min(kind.size(), kind.find('.') + 1));
  process["pid"] = pid;
  process["memory"] = line;
}

void take_gpu(NvmlGpu& gpu, std::string_view line) {
  const std::string_view what = word(line);
  const std::string text(line);
  if (what == "handle") {
    gpu.handle_error = number(line);
  } else if (what == "uuid") {
    gpu.uuid = text;
  } else if (what == "address") {
    gpu.address = lower(line);
  } else if (what == "name") {
    gpu.name = text;
  } else if (what == "architecture") {
    gpu.architecture = architecture_name(line);
  } else if (what == "capability") {
    gpu.compute_capability = text;
  } else if (what == "minor") {
    const auto minor = number(line);
    gpu.minor =
        minor && *minor >= 0 ? std::optional(static_cast<std::uint32_t>(*minor)) : std::nullopt;
  } else if (what == "value") {
    const std::string key(word(line));
    gpu.values[key] = line;
  } else if (what == "absent") {
    const std::string key(word(line));
    gpu.absent[key] = line;
  } else if (what == "link" || what == "mig") {
    auto& item =
        entry(what == "link" ? gpu.links : gpu.mig, what == "link" ? "link" : "index", word(line));
    const std::string key(word(line));
    item[key] = line;
  } else if (what == "process") {
    take_process(gpu, line);
  }
}

void take_nvml(NvmlFacts& nvml, std::string_view key, std::string_view line) {
  if (key == "library") {
    nvml.library = line;
  } else if (key == "load_error") {
    nvml.load_error = line;
  } else if (key == "attach") {
    nvml.attach_error = number(line);
  } else if (key == "init") {
    nvml.init_error = number(line);
  } else if (key == "driver") {
    nvml.driver_version = line;
  } else if (key == "cuda") {
    nvml.cuda_version = number(line);
  } else if (key == "count") {
    nvml.count = number(line);
  } else if (key == "count_error") {
    nvml.count_error = number(line);
  }
}

void take_cuda(CudaFacts& cuda, std::string_view key, std::string_view line) {
  if (key == "library") {
    cuda.library = line;
  } else if (key == "load_error") {
    cuda.load_error = line;
  } else if (key == "init") {
    cuda.init_error = number(line);
  } else if (key == "version") {
    cuda.driver_version = number(line);
  } else if (key == "count") {
    cuda.count = number(line);
  }
}

void take_cuda_gpu(CudaFacts& cuda, int ordinal, std::string_view line) {
  auto it = std::ranges::find(cuda.gpus, ordinal, &CudaGpu::ordinal);
  if (it == cuda.gpus.end()) {
    cuda.gpus.emplace_back().ordinal = ordinal;
    it = cuda.gpus.end() - 1;
  }
  const std::string_view what = word(line);
  if (what == "handle") {
    it->handle_error = number(line);
  } else if (what == "uuid") {
    it->uuid = "GPU-" + std::string(line);
  } else if (what == "address") {
    it->address = lower(line);
  } else if (what == "name") {
    it->name = line;
  } else if (what == "capability") {
    it->compute_capability = line;
  } else if (what == "attribute") {
    const std::string key(word(line));
    it->attributes[key] = line;
  }
}

void take_burn(DeepFacts& deep, std::string_view line) {
  const std::string_view ordinal = word(line);
  if (!parse_whole(ordinal) || deep.gpus.size() >= static_cast<std::size_t>(kMostGpus)) {
    return;
  }
  deep.ran = true;
  auto& gpu = entry(deep.gpus, "ordinal", ordinal);
  const std::string key(word(line));
  gpu[key] = line;
}

void take_node(DriverFacts& driver, std::string_view line) {
  const auto error = number(word(line));
  const auto it = std::ranges::find(driver.nodes, line, &DeviceNode::path);
  if (it != driver.nodes.end()) {
    it->open_error = error;
  }
}

// EBADF: it looked at the descriptor, so it would take a real one.
void take_verbs(RdmaFacts& rdma, std::string_view line) {
  const auto error = number(word(line));
  constexpr int kBadDescriptor = 9, kNoSuchOperation = 95, kNoSuchProtocol = 93;
  if (error == kBadDescriptor) {
    rdma.dmabuf_registers = true;
  } else if ((error == kNoSuchOperation || error == kNoSuchProtocol) && !rdma.dmabuf_registers) {
    rdma.dmabuf_registers = false;
  }
}

}  // namespace

void LineReader::feed(std::string_view bytes) {
  total_ += bytes.size();
  if (total_ > kMostBytes) {
    return;
  }
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    part_.append(bytes.substr(0, std::min(end, kLongestLine)));
    take(std::string_view(part_).substr(0, kLongestLine));
    part_.clear();
    bytes.remove_prefix(end + 1);
  }
  if (part_.size() < kLongestLine) {
    part_.append(bytes.substr(0, kLongestLine));
  }
}

void LineReader::take(std::string_view line) {
  const std::string_view what = word(line);
  if (what == "phase") {
    phase_ = line;
  } else if (what == "end") {
    ended_ = true;
  } else if (what.starts_with("nvml.")) {
    take_nvml(facts_->probes.nvml, what.substr(5), line);
  } else if (what.starts_with("cuda.")) {
    take_cuda(facts_->probes.cuda, what.substr(5), line);
  } else if (what == "gpu" || what == "cuda") {
    const auto index = number(word(line));
    if (!index || *index < 0 || *index >= kMostGpus) {
      return;
    }
    what == "gpu" ? take_gpu(nvml_gpu(facts_->probes.nvml, *index), line)
                  : take_cuda_gpu(facts_->probes.cuda, *index, line);
  } else if (what == "p2p") {
    const std::string pair(word(line));
    const std::string kind(word(line));
    facts_->probes.nvml.p2p[pair + " " + kind] = line;
  } else if (what == "burn") {
    take_burn(facts_->probes.deep, line);
  } else if (what == "node") {
    take_node(facts_->driver, line);
  } else if (what == "version" && facts_->driver.ioctl_version.empty()) {
    facts_->driver.ioctl_version = line;
  } else if (what == "version_error" && facts_->driver.ioctl_version.empty()) {
    facts_->driver.ioctl_error = number(line);
  } else if (what == "verbs.dmabuf") {
    take_verbs(facts_->rdma, line);
  } else if (what == "file") {
    const std::string_view path = word(line);
    take_file_of_gpu(facts_->amd, path, line);
  } else if (what == "overrun") {
    facts_->probes.nvml.overruns.emplace_back(line);
  }
}

}  // namespace toolkit::gpu
