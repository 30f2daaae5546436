// AMD's GPUs, as far as the kernel's files go.
#include "reach.hpp"
#include "rules.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace toolkit::diagnosis {
namespace {

using gpu::AmdFacts;
using gpu::AmdGpu;

std::string group_words(const std::optional<std::uint32_t>& gid) {
  return gid ? fmt::format("`--group-add {}` (the file's group as seen here)", *gid)
             : std::string("`--group-add render`");
}

Finding refused(const std::string& path, int error, const std::optional<std::uint32_t>& gid) {
  const std::string seen = fmt::format("access {}: {}", path, errno_words(error));
  if (error == ENOENT) {
    return marked(fail(Owner::runtime, fmt::format("{} is not in this container", path),
                       "start it with `--device /dev/kfd --device /dev/dri`", {seen}),
                  "missing");
  }
  if (error == EPERM) {
    return marked(fail(Owner::runtime, fmt::format("the device cgroup refuses {}", path),
                       "start it with `--device /dev/kfd --device /dev/dri`", {seen}),
                  "cgroup");
  }
  return marked(fail(Owner::runtime, fmt::format("{} may not be opened by this user", path),
                     fmt::format("start it with {}", group_words(gid)), {seen}),
                "group");
}

bool is_amd(const AmdFacts& amd) { return !amd.gpus.empty() || amd.kfd_open_error.has_value(); }

std::vector<Finding> judge_kfd(const Question& question) {
  const AmdFacts& amd = question.facts.amd;
  if (!is_amd(amd)) {
    return {};
  }
  if (amd.kfd_open_error.value_or(ENOENT) != 0) {
    return {refused("/dev/kfd", amd.kfd_open_error.value_or(ENOENT), amd.kfd_gid)};
  }
  if (amd.gpus.empty()) {
    return {marked(fail(Owner::node, "/dev/kfd is here, but the driver knows no GPU",
                        "look for amdgpu in the host's kernel log; reload the driver",
                        {"/sys/class/kfd/kfd/topology/nodes: none with simd_count"}),
                   "no_gpu")};
  }
  return {pass(fmt::format("/dev/kfd may be opened, {} GPUs", amd.gpus.size()),
               {"access /dev/kfd", "/sys/class/kfd/kfd/topology/nodes"})};
}

std::string render_path(const AmdGpu& gpu) {
  return fmt::format("/dev/dri/renderD{}", gpu.render_minor.value_or(0));
}

// A GPU whose file is not here is another container's; none at all is a mistake.
std::vector<Finding> judge_render(const Question& question) {
  std::vector<Finding> found;
  const AmdGpu* absent = nullptr;
  for (const AmdGpu& gpu : question.facts.amd.gpus) {
    if (!gpu.render_open_error || gpu.render_open_error == ENOENT) {
      absent = &gpu;
      continue;
    }
    Finding finding = gpu.render_open_error == 0
                          ? pass("its render node may be opened", {"access " + render_path(gpu)})
                          : refused(render_path(gpu), *gpu.render_open_error, gpu.render_gid);
    finding.scope = gpu.address;
    found.push_back(std::move(finding));
  }
  if (found.empty() && absent != nullptr) {
    found.push_back(refused(render_path(*absent), ENOENT, absent->render_gid));
  }
  return found;
}

bool is_here(const AmdGpu& gpu) { return gpu.render_open_error == 0; }

// "ue: 0\nce: 12": Documentation/gpu/amdgpu/ras.rst, RAS Error Count sysfs Interface.
long long errors_of(std::string_view text, std::string_view kind) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(kind)) {
      return parse_whole(trim(line.substr(kind.size()))).value_or(0);
    }
  }
  return 0;
}

Finding judge_errors(const AmdGpu& gpu) {
  std::vector<std::string> uncorrected, corrected;
  bool any = false;
  for (const auto& [name, value] : gpu.values) {
    if (!name.starts_with("ras/") || !name.ends_with("_err_count")) {
      continue;
    }
    any = true;
    const auto line = [&](long long count, const char* kind) {
      return fmt::format("/sys/bus/pci/devices/{}/{}: {} {}", gpu.address, name, kind, count);
    };
    if (const auto count = errors_of(value, "ue:"); count > 0) {
      uncorrected.push_back(line(count, "ue"));
    } else if (const auto corrections = errors_of(value, "ce:"); corrections > 0) {
      corrected.push_back(line(corrections, "ce"));
    }
  }
  if (!uncorrected.empty()) {
    return marked(fail(Owner::hardware, "errors that could not be corrected since the driver began",
                       "reset the GPU (`amd-smi reset --gpureset`) or reboot; if they come back, "
                       "replace it",
                       std::move(uncorrected)),
                  "uncorrected");
  }
  if (!corrected.empty()) {
    return marked(warn(Owner::hardware, "errors were corrected since the driver began",
                       "watch them; many in short time announce worse", std::move(corrected)),
                  "corrected");
  }
  return any ? pass("no errors since the driver began", {"ras/*_err_count"})
             : skip("this GPU counts no errors (no ras/)");
}

// "0x0000… : 0x00001000 : R": R retired, P pending, F could not be retired.
std::optional<Finding> judge_pages(const AmdGpu& gpu) {
  const auto it = gpu.values.find("ras/gpu_vram_bad_pages");
  if (it == gpu.values.end()) {
    return std::nullopt;
  }
  for (const std::string_view line : split(it->second, '\n')) {
    const std::string_view text = trim(line);
    if (text.ends_with(": P") || text.ends_with(": F")) {
      return marked(warn(Owner::hardware, "pages of its memory are bad and not yet retired",
                         "reset the GPU or reboot, so that they are",
                         {fmt::format("/sys/bus/pci/devices/{}/ras/gpu_vram_bad_pages: {}",
                                      gpu.address, text)}),
                    "pages");
    }
  }
  return std::nullopt;
}

std::vector<Finding> judge_ras(const Question& question) {
  std::vector<Finding> found;
  for (const AmdGpu& gpu : question.facts.amd.gpus) {
    if (!is_here(gpu)) {
      continue;
    }
    found.push_back(judge_errors(gpu));
    found.back().scope = gpu.address;
    if (auto pages = judge_pages(gpu)) {
      found.push_back(std::move(*pages));
      found.back().scope = gpu.address;
    }
  }
  return found;
}

std::optional<long long> value_of(const AmdGpu& gpu, const char* name) {
  const auto it = gpu.values.find(name);
  return it == gpu.values.end() ? std::nullopt : parse_whole(it->second);
}

std::vector<Finding> judge_memory(const Question& question) {
  constexpr long long kMebi = 1 << 20;
  std::vector<Finding> found;
  for (const AmdGpu& gpu : question.facts.amd.gpus) {
    const auto total = value_of(gpu, "mem_info_vram_total");
    const auto used = value_of(gpu, "mem_info_vram_used");
    if (!is_here(gpu) || !total || !used || *total <= 0) {
      continue;
    }
    std::vector<std::string> seen{
        fmt::format("/sys/bus/pci/devices/{}/mem_info_vram_used: {}", gpu.address, *used)};
    const bool taken = *used > std::max(1024 * kMebi, *total / 100 * 3);
    found.push_back(
        taken ? marked(warn(Owner::user,
                            fmt::format("{} MiB of its memory are in use already", *used / kMebi),
                            "end the other job, or choose another GPU", std::move(seen)),
                       "used", gpu.address)
              : marked(pass(fmt::format("{} MiB, free", *total / kMebi), std::move(seen)), "",
                       gpu.address));
  }
  return found;
}

// An index beyond the last, as a list of them ends where one is wrong. UUIDs are not judged. HIP
// counts what ROCr has left.
std::vector<Finding> judge_variables(const Question& question) {
  const AmdFacts& amd = question.facts.amd;
  std::vector<Finding> found;
  auto here = std::ranges::count_if(amd.gpus, is_here);
  for (const char* name : {"ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"}) {
    const std::string* list = asked(question.facts, name);
    if (list == nullptr || here == 0) {
      continue;
    }
    const std::string seen = fmt::format("{}={}, {} GPUs here", name, *list, here);
    const auto items = split(*list, ',');
    const auto wrong = std::ranges::find_if(items, [&](std::string_view item) {
      const auto index = parse_whole(trim(item));
      return trim(item) == "-1" || (index && *index >= here);
    });
    found.push_back(
        wrong == items.end()
            ? pass(fmt::format("{} names GPUs that are here", name), {seen})
            : marked(fail(Owner::user,
                          fmt::format("{} names GPU {}, which is not here", name, trim(*wrong)),
                          fmt::format("unset {}, or name 0 to {}", name, here - 1), {seen}),
                     "index"));
  }
  return found;
}

constexpr std::array<std::string_view, 1> kKfd{"amd.kfd"};
constexpr std::array<std::string_view, 2> kRender{"amd.kfd", "amd.render"};

constexpr Rule kRules[] = {
    {"amd.kfd",
     "Can AMD's compute device be opened?",
     "/dev/kfd by access(2), which sees mode and cgroup; GPUs are nodes of "
     "/sys/class/kfd/kfd/topology with simd_count.",
     "ROCm: Running ROCm Docker containers; linux amdkfd kfd_topology.c",
     {},
     judge_kfd},
    {"amd.render", "Can the GPUs' render nodes be opened?",
     "/dev/dri/renderDN by drm_render_minor of each GPU's node; the group that may open it is a "
     "number of the host, which the image may not know.",
     "ROCm: Running ROCm Docker containers; ROCm-docker#90, #116", kKfd, judge_render},
    {"amd.ras", "Has the GPU counted errors?",
     "ras/*_err_count (ue uncorrected, ce corrected) and ras/gpu_vram_bad_pages (R retired, P "
     "pending, F failed) of sysfs.",
     "linux Documentation/gpu/amdgpu/ras.rst", kRender, judge_ras},
    {"amd.memory", "Is the GPU's memory free?",
     "mem_info_vram_used against 1 GiB or 3 % of mem_info_vram_total.",
     "linux drivers/gpu/drm/amd/amdgpu/amdgpu_vram_mgr.c", kRender, judge_memory},
    {"amd.visible", "Do the variables name GPUs that are here?",
     "Indices of ROCR_VISIBLE_DEVICES and HIP_VISIBLE_DEVICES against the GPUs whose render node "
     "is here. -1 hides all.",
     "ROCm: GPU isolation techniques", kRender, judge_variables},
};

}  // namespace

std::span<const Rule> amd_rules() { return kRules; }

}  // namespace toolkit::diagnosis
