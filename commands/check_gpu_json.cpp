#include "check_gpu_json.hpp"

#include "env_json_parts.hpp"

#include <toolkit/base/json_writer.hpp>
#include <toolkit/diagnosis/words.hpp>
#include <toolkit/gpu/inventory.hpp>

namespace toolkit::commands {
namespace {

using diagnosis::Finding;

void write_summary(JsonWriter& json, const Judged& judged) {
  const diagnosis::Counts counts = count(judged.verdict);
  const Finding* primary = judged.verdict.primary();
  json.field("verdict", verdict_name(judged.verdict));
  json.field("exit_code", judged.exit_code());
  text_or_null(json, "primary", primary == nullptr ? "" : primary->id);
  json.key("summary").begin_object();
  const auto add = [&](std::string_view name, std::size_t number) {
    json.field(name, static_cast<std::uint64_t>(number));
  };
  add("pass", counts.pass);
  add("warn", counts.warn);
  add("fail", counts.fail);
  add("skip", counts.skip);
  add("unknown", counts.unknown);
  add("blocked", counts.blocked);
  json.end_object();
}

void write_findings(JsonWriter& json, const std::vector<Finding>& findings) {
  json.key("findings").begin_array();
  for (const Finding& finding : findings) {
    json.begin_object().field("id", finding.id);
    json.field("status", status_name(finding.status));
    json.field("primary", finding.primary);
    text_or_null(json, "variant", finding.variant);
    text_or_null(json, "scope", finding.scope);
    text_or_null(json, "cause", finding.cause);
    text_or_null(json, "remedy", finding.remedy);
    text_or_null(json, "owner", std::string(owner_name(finding.owner)));
    write_texts(json, "evidence", finding.evidence);
    text_or_null(json, "blocked_by", finding.blocked_by);
    json.end_object();
  }
  json.end_array();
}

void write_values(JsonWriter& json, const gpu::NvmlGpu* nvml) {
  json.key("values").begin_object();
  if (nvml != nullptr) {
    for (const auto& [name, value] : nvml->values) {
      json.field(name, value);
    }
  }
  json.end_object();
}

template <typename T>
void whole_or_null(JsonWriter& json, std::string_view name, const std::optional<T>& number) {
  json.key(name);
  number ? json.value(static_cast<std::int64_t>(*number)) : json.null();
}

void write_gpus(JsonWriter& json, const gpu::Inventory& inventory) {
  json.key("gpus").begin_array();
  for (const gpu::Gpu& gpu : inventory.gpus) {
    json.begin_object();
    whole_or_null(json, "index", gpu.index);
    whole_or_null(json, "cuda_ordinal", gpu.cuda_ordinal);
    whole_or_null(json, "minor", gpu.minor);
    text_or_null(json, "address", gpu.address);
    text_or_null(json, "uuid", gpu.uuid);
    text_or_null(json, "name", gpu.name);
    text_or_null(json, "compute_capability", gpu.compute_capability);
    json.field("vendor", gpu.amd ? "amd" : "nvidia");
    write_values(json, gpu.nvml);
    json.end_object();
  }
  json.end_array();
  json.field("gpus_of_others", static_cast<std::uint64_t>(inventory.of_others));
  json.field("gpus_are_ours", !inventory.none_is_ours);
}

void write_probes(JsonWriter& json, const gpu::ProbeFacts& probes) {
  json.key("probes").begin_array();
  for (const gpu::ProbeOutcome& probe : probes.outcomes) {
    json.begin_object().field("name", probe.name).field("state", probe.state);
    text_or_null(json, "phase", probe.phase);
    text_or_null(json, "detail", probe.detail);
    json.key("elapsed_ms").value(probe.elapsed_ms, 1);
    json.end_object();
  }
  json.end_array();
}

// null where the GPUs were given no work: --deep was not asked for, or could not start.
void write_deep(JsonWriter& json, const gpu::DeepFacts& deep) {
  json.key("deep");
  if (!deep.ran) {
    json.null();
    return;
  }
  json.begin_object().key("gpus").begin_array();
  for (const auto& gpu : deep.gpus) {
    json.begin_object();
    for (const auto& [name, value] : gpu) {
      json.field(name, value);
    }
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

std::string to_json(const Judged& judged) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("schema", "toolkit.check-gpu/1");
  write_summary(json, judged);
  write_findings(json, judged.verdict.findings);
  write_gpus(json, gpu::take_inventory(judged.facts));
  write_probes(json, judged.facts.probes);
  write_deep(json, judged.facts.probes.deep);
  write_texts(json, "troubles", judged.facts.troubles);
  json.end_object();
  return out + '\n';
}

}  // namespace toolkit::commands
