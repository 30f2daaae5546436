#include "gpus.hpp"
#include "image_view.hpp"
#include "rules.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/gpu/requirements.hpp>
#include <toolkit/gpu/visible_devices.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::diagnosis {
namespace {

using gpu::ListEnd;
using gpu::VisibleCandidate;
using gpu::VisibleDevices;

constexpr const char* kName = "CUDA_VISIBLE_DEVICES";

const std::string* variable(const gpu::Facts& facts, const char* name) {
  const auto it = facts.place.variables.find(name);
  return it == facts.place.variables.end() ? nullptr : &it->second;
}

std::string at(const std::map<std::string, std::string>& values, const char* name) {
  const auto it = values.find(name);
  return it == values.end() ? "" : it->second;
}

// NVML's order is that of the PCI bus.
std::vector<VisibleCandidate> candidates_of(const gpu::NvmlFacts& nvml) {
  std::vector<VisibleCandidate> candidates;
  for (const gpu::NvmlGpu& one : nvml.gpus) {
    VisibleCandidate candidate{one.uuid, {}};
    for (const auto& instance : one.mig) {
      candidate.instances.push_back({at(instance, "uuid"), at(instance, "gpu_instance") + "/" +
                                                               at(instance, "compute_instance")});
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

// "0: GPU-8932… (NVIDIA A100)": what CUDA will show.
std::vector<std::string> shown(const VisibleDevices& visible, const gpu::NvmlFacts& nvml) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < visible.entries.size(); ++i) {
    const gpu::NvmlGpu& one = nvml.gpus[visible.entries[i].gpu];
    const auto instance = visible.entries[i].instance;
    lines.push_back(
        fmt::format("cuda:{} is {}{} ({})", i, one.uuid.empty() ? one.address : one.uuid,
                    instance ? " instance " + at(one.mig[*instance], "uuid") : "", one.name));
  }
  return lines;
}

std::string quoted(const std::string& value) {
  return fmt::format("{}=\"{}\"", kName, printable(value));
}

std::string why(const VisibleDevices& visible) {
  const std::string entry = "\"" + printable(visible.culprit) + "\"";
  switch (visible.end) {
    case ListEnd::negative:
      return entry + " ends the list";
    case ListEnd::absent:
      return entry + " is not in this container";
    case ListEnd::ambiguous:
      return entry + " is the beginning of several names";
    case ListEnd::repeated:
      return entry + " is named twice, which hides all";
    case ListEnd::malformed:
    case ListEnd::whole:
      break;
  }
  return entry + (trim(visible.culprit) == visible.culprit
                      ? " names no GPU here"
                      : " has a space where a name begins or ends");
}

// Something stands behind the entry that ended the list, or that entry was meant to be one.
bool lost_something(const std::string& value, const VisibleDevices& visible) {
  const auto parts = split(value, ',');
  std::size_t named = 0;
  for (const std::string_view part : parts) {
    named += trim(part).empty() ? 0 : 1;
  }
  const std::size_t intended = visible.end == ListEnd::negative ? 1 : 0;  // "-1" itself
  return named > visible.entries.size() + visible.ignored.size() + intended;
}

Finding nothing_visible(const std::string& value, const VisibleDevices& visible, std::size_t here) {
  std::string cause = value.empty()
                          ? quoted(value) + " hides every GPU"
                          : fmt::format("{} hides every GPU: {}", quoted(value), why(visible));
  std::string remedy = here == 0 ? std::string("unset it")
                                 : fmt::format("unset it, or name GPUs from 0 to {}", here - 1);
  return as(visible.end == ListEnd::repeated ? "repeated" : "hides_all",
            fail(Owner::user, std::move(cause), std::move(remedy)));
}

Finding cut_short(const std::string& value, const VisibleDevices& visible, std::size_t here) {
  std::string cause = fmt::format("{} shows {} of the GPUs it names: {}, and the rest is not read",
                                  quoted(value), visible.entries.size(), why(visible));
  std::string remedy = fmt::format("name what is here ({} GPUs, from 0 to {})", here, here - 1);
  return as("cut_short", visible.end == ListEnd::negative
                             ? warn(Owner::user, std::move(cause),
                                    "take what follows out, if it is meant to be hidden")
                             : fail(Owner::user, std::move(cause), std::move(remedy)));
}

bool order_matters(const gpu::Facts& facts, const VisibleDevices& visible) {
  const std::string* order = variable(facts, "CUDA_DEVICE_ORDER");
  const auto& gpus = facts.probes.nvml.gpus;
  const bool mixed =
      std::ranges::any_of(gpus, [&](const gpu::NvmlGpu& one) { return one.name != gpus[0].name; });
  return visible.by_number && mixed && (order == nullptr || *order != "PCI_BUS_ID");
}

Finding judge_list(const gpu::Facts& facts, const std::string& value, const VisibleDevices& visible,
                   std::size_t here) {
  if (visible.entries.empty()) {
    return nothing_visible(value, visible, here);
  }
  if (visible.end != ListEnd::whole && lost_something(value, visible)) {
    return cut_short(value, visible, here);
  }
  if (!visible.ignored.empty()) {
    return as(
        "several_instances",
        warn(Owner::user, quoted(value) + " names several MIG instances: CUDA shows the first only",
             "start one process an instance, each with one of them"));
  }
  if (order_matters(facts, visible)) {
    return as("order",
              warn(Owner::user,
                   quoted(value) + " goes by number, and the GPUs differ: CUDA numbers the "
                                   "fastest first, nvidia-smi by the bus",
                   "set CUDA_DEVICE_ORDER=PCI_BUS_ID, or name them by UUID"));
  }
  return pass(fmt::format("{} shows {} of {} GPUs", quoted(value), visible.entries.size(), here));
}

// Without a list of GPUs only some values have one meaning.
Finding judge_blind(const std::string& value) {
  const VisibleDevices visible = gpu::visible_devices(value, {});
  return visible.end == ListEnd::negative || visible.end == ListEnd::malformed
             ? nothing_visible(value, visible, 0)
             : unknown(quoted(value) + ": the GPUs that it may name were not seen");
}

std::vector<Finding> judge_visible_devices(const Question& question) {
  const gpu::NvmlFacts& nvml = question.facts.probes.nvml;
  const std::string* value = variable(question.facts, kName);
  const std::vector<VisibleCandidate> candidates = candidates_of(nvml);
  if (value == nullptr) {
    return candidates.empty()
               ? std::vector<Finding>{}
               : std::vector{pass(fmt::format("{} is not set: all {} GPUs are visible", kName,
                                              candidates.size()))};
  }
  if (candidates.empty()) {
    return {judge_blind(*value)};
  }
  const VisibleDevices visible = gpu::visible_devices(*value, candidates);
  Finding finding = judge_list(question.facts, *value, visible, candidates.size());
  finding.evidence = shown(visible, nvml);
  finding.evidence.insert(finding.evidence.begin(), quoted(*value));
  return {std::move(finding)};
}

// --- env.require

std::vector<gpu::HostProperties> hosts_of(const Question& question) {
  const gpu::HostProperties common{driver_cuda(question), driver_version(question.facts), "", ""};
  std::vector<gpu::HostProperties> hosts;
  for (const gpu::NvmlGpu& one : question.facts.probes.nvml.gpus) {
    hosts.push_back(common);
    hosts.back().arch = one.compute_capability;
    hosts.back().brand = at(one.values, "brand");
  }
  return hosts.empty() ? std::vector{common} : hosts;
}

std::string word_or_unseen(const std::string& text) { return text.empty() ? "unseen" : text; }

std::string host_words(const gpu::HostProperties& host) {
  return fmt::format("cuda {}, driver {}, arch {}, brand {}", word_or_unseen(host.cuda),
                     word_or_unseen(host.driver), word_or_unseen(host.arch),
                     word_or_unseen(host.brand));
}

Finding judge_answer(const gpu::RequirementAnswer& answer, const gpu::HostProperties& host,
                     bool disabled) {
  const std::string needs =
      fmt::format("{} asks for {}", answer.variable, printable(answer.condition));
  if (answer.state == gpu::Requirement::met) {
    return pass("what the image says it needs is there");
  }
  if (answer.state == gpu::Requirement::malformed) {
    return as(
        "malformed",
        warn(Owner::image, needs + ", which cannot be read: container tools refuse to start on it",
             "correct the variable in the image"));
  }
  if (answer.variable == "CUDA_VERSION") {
    return skip("the image names its CUDA and no more: cuda.runtime judges that");
  }
  if (answer.state == gpu::Requirement::unseen) {
    return unknown(needs + ", and not all of that was seen");
  }
  const std::string remedy = "update the node's driver, or use an image for CUDA " +
                             (host.cuda.empty() ? "of this driver" : host.cuda + " or older");
  std::string cause =
      needs + (disabled ? "; NVIDIA_DISABLE_REQUIRE kept the container tools from looking"
                        : ", which this host does not have");
  return disabled ? as("disabled", warn(Owner::user, std::move(cause), remedy))
                  : as("unmet", fail(Owner::node, std::move(cause), remedy));
}

std::vector<Finding> judge_requirements(const Question& question) {
  const auto& variables = question.facts.place.variables;
  const bool any = std::ranges::any_of(variables, [](const auto& one) {
    return one.first.starts_with("NVIDIA_REQUIRE_") || one.first == "CUDA_VERSION";
  });
  if (!any) {
    return {};
  }
  gpu::RequirementAnswer worst;
  gpu::HostProperties of;
  const std::vector<gpu::HostProperties> hosts = hosts_of(question);
  for (const gpu::HostProperties& host : hosts) {
    gpu::RequirementAnswer answer = gpu::judge_requirements(variables, host);
    if (&host == &hosts[0] || answer.state > worst.state) {
      worst = std::move(answer);
      of = host;
    }
  }
  Finding finding = judge_answer(worst, of, gpu::requirements_disabled(variables));
  finding.evidence = {host_words(of)};
  if (!worst.variable.empty()) {
    finding.evidence.push_back(worst.variable + "=" +
                               printable(at(variables, worst.variable.c_str())));
  }
  return {std::move(finding)};
}

constexpr std::array<std::string_view, 1> kVisible{"env.visible"};
constexpr std::array<std::string_view, 2> kDriver{"env.visible", "drv.loaded"};

constexpr std::array kRules{
    Rule{"env.cvd", "Which GPUs does CUDA_VISIBLE_DEVICES leave?",
         "The variable is read as the driver reads it, against NVML's list: numbers as strtoul "
         "reads them, UUIDs or "
         "as much of one as tells it apart, instances of MIG. The list ends at the first entry "
         "that is negative, not "
         "a GPU, or not here; one named twice hides all. Of several MIG instances CUDA shows one. "
         "Numbers follow "
         "CUDA_DEVICE_ORDER, by default the fastest first.",
         "CUDA Programming Guide, CUDA_VISIBLE_DEVICES; torch.cuda._parse_visible_devices",
         kVisible, judge_visible_devices},
    Rule{"env.require", "Does the host have what the image says it needs?",
         "NVIDIA_REQUIRE_*: conditions on cuda, driver, arch and brand; a comma is AND, a space "
         "OR, several variables "
         "AND. Images from before it need the CUDA of CUDA_VERSION, which is left to cuda.runtime. "
         "Container tools check this "
         "before a start, except "
         "with NVIDIA_DISABLE_REQUIRE or by CDI.",
         "libnvidia-container src/cli/dsl.c; nvidia-container-toolkit internal/requirements",
         kDriver, judge_requirements}};

}  // namespace

std::span<const Rule> visible_rules() { return kRules; }

}  // namespace toolkit::diagnosis
