#include "env_text.hpp"

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace toolkit::commands {
namespace {

using cluster::Field;

struct Row {
  std::string name, value, remark;
};

// Groups of rows; the columns are as wide as their widest cell, up to a point.
class Page {
 public:
  explicit Page(bool colour) : colour_(colour) {}

  void group(std::string_view heading, const std::vector<Row>& rows) {
    if (rows.empty()) {
      return;
    }
    std::size_t name = 0, value = 0;
    for (const Row& row : rows) {
      name = std::max(name, row.name.size());
      value = std::max(value, std::min<std::size_t>(row.value.size(), 24));
    }
    text_ += text_.empty() ? "" : "\n";
    text_ += (colour_ ? fmt::format("\033[1m{}\033[0m\n", heading) : fmt::format("{}\n", heading));
    for (const Row& row : rows) {
      line(fmt::format("  {:<{}}  {:<{}}", row.name, name, row.value, value), row.remark);
    }
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void line(std::string left, const std::string& remark) {
    if (!remark.empty()) {
      left += colour_ ? fmt::format("  \033[2m{}\033[0m", remark) : "  " + remark;
    }
    left.erase(left.find_last_not_of(' ') + 1);
    text_ += left + '\n';
  }
  bool colour_;
  std::string text_;
};

std::string joined(const std::vector<std::string>& items) {
  return mask_secrets(fmt::format("{}", fmt::join(items, ", ")));
}

// --- identity

std::string origin(const cluster::Value& value) {
  const std::string sources = joined(value.sources);
  return value.rule.empty() ? sources : fmt::format("{} ({})", value.rule, sources);
}

std::string label(Field field) {
  const auto variable = cluster::variable_name(field);
  return std::string(variable.empty() ? cluster::field_name(field) : variable);
}

// A guess of ours, such as a port, has its row among the exports.
bool is_exported(const cluster::Exports& exports, std::string_view name) {
  return std::ranges::find(exports.all, name, &cluster::Export::name) != exports.all.end();
}

std::vector<Row> identity_rows(const Situation& situation) {
  const cluster::Identity& identity = situation.identity;
  std::vector<Row> rows;
  for (std::size_t i = 0; i < cluster::kFieldCount; ++i) {
    const auto field = static_cast<Field>(i);
    if (identity.values[i]) {
      rows.push_back(
          {label(field), mask_secrets(identity.values[i]->text), origin(*identity.values[i])});
    } else if (!identity.seen.empty() && !identity.missing[i].empty() &&
               !cluster::variable_name(field).empty() &&
               !is_exported(situation.exports, label(field))) {
      rows.push_back({label(field), "not set", identity.missing[i]});
    }
  }
  if (rows.empty()) {
    rows.push_back({"RANK", "not set", identity.missing[static_cast<std::size_t>(Field::rank)]});
  }
  return rows;
}

// What the identity does not show already: ours, and what the user has set instead.
std::vector<Row> export_rows(const Situation& situation) {
  std::vector<Row> rows;
  for (const cluster::Export& made : situation.exports.all) {
    const auto shown = [&](std::size_t i) {
      return situation.identity.values[i] && label(static_cast<Field>(i)) == made.name;
    };
    const bool known = std::ranges::any_of(std::views::iota(0UL, cluster::kFieldCount), shown);
    if (!known || made.kept) {
      rows.push_back({made.name, made.kept.value_or(made.value), mask_secrets(made.chain.back())});
    }
  }
  return rows;
}

std::vector<Row> provider_rows(const cluster::Identity& identity) {
  std::vector<Row> rows;
  for (const cluster::Sighting& seen : identity.seen) {
    rows.push_back({seen.provider, seen.title,
                    fmt::format("{}{}", seen.key, seen.believed ? "" : ", not believed")});
  }
  for (const cluster::Conflict& conflict : identity.conflicts) {
    rows.push_back(
        {"conflict", label(conflict.field),
         fmt::format("{} by {}, {} by {}", conflict.believed.text, conflict.believed.provider,
                     conflict.other.text, conflict.other.provider)});
  }
  return rows;
}

// --- limits

std::string where(const std::string& directory, const std::string& reason) {
  return directory.empty() ? reason : directory;
}

template <typename T, typename Show>
Row limit_row(std::string name, const cgroup::Limit<T>& limit, Show show) {
  using State = typename cgroup::Limit<T>::State;
  std::string value = limit.state == State::set         ? show(limit.value)
                      : limit.state == State::unlimited ? "unlimited"
                                                        : "unknown";
  return {std::move(name), std::move(value), where(limit.directory, limit.reason)};
}

std::string cpus_text(const cgroup::CpuTime& time) { return fmt::format("{:.6g}", time.cpus()); }
std::string count_text(std::uint64_t count) { return fmt::format("{}", count); }

template <typename T>
std::string or_unknown(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "unknown";
}
std::string bytes_or_unknown(const std::optional<std::uint64_t>& bytes) {
  return bytes ? describe_bytes(*bytes) : "unknown";
}

Row effective_row(const Situation& situation) {
  if (!situation.cpus) {
    return {"cpus", "unknown", ""};
  }
  const cgroup::EffectiveCpus& cpus = *situation.cpus;
  return {"cpus", fmt::format("{}{:.6g}", cpus.at_most ? "at most " : "", cpus.cpus.value()),
          fmt::format("by {}: {}{}{}", cpus.binding, cpus.evidence, cpus.at_most ? "; " : "",
                      cpus.reason)};
}

std::vector<Row> cpu_rows(const Situation& situation) {
  const cgroup::CpuLimits& cpu = situation.limits.cpu;
  std::vector<Row> rows{effective_row(situation),
                        {"cpus usable", or_unknown(situation.facts.cpus.affinity),
                         fmt::format("of {} online", or_unknown(situation.facts.cpus.online))},
                        limit_row("cpu quota", cpu.quota, cpus_text)};
  if (cpu.throttled_periods && cpu.periods && *cpu.throttled_periods > 0) {
    rows.push_back({"throttled", fmt::format("{} of {}", *cpu.throttled_periods, *cpu.periods),
                    "periods in which the quota was used up"});
  }
  return rows;
}

std::vector<Row> limit_rows(const Situation& situation) {
  std::vector<Row> rows = cpu_rows(situation);
  const cgroup::MemoryLimits& memory = situation.limits.memory;
  rows.push_back(limit_row("memory limit", memory.hard, describe_bytes));
  rows.push_back({"memory used", bytes_or_unknown(memory.usage),
                  memory.peak ? fmt::format("peak {}", describe_bytes(*memory.peak)) : ""});
  rows.push_back(limit_row("swap limit", memory.swap, describe_bytes));
  if (memory.oom_kills && *memory.oom_kills > 0) {
    rows.push_back({"OOM kills", count_text(*memory.oom_kills), memory.group.directory});
  }
  rows.push_back(limit_row("processes", situation.limits.pids.max, count_text));
  rows.push_back({"/dev/shm", bytes_or_unknown(situation.facts.shared_memory.total),
                  situation.facts.shared_memory.free
                      ? fmt::format("{} free", describe_bytes(*situation.facts.shared_memory.free))
                      : ""});
  for (const machine::ResourceLimit& limit : situation.facts.limits) {
    rows.push_back({"ulimit " + limit.name, limit.soft ? count_text(*limit.soft) : "unlimited",
                    limit.hard ? fmt::format("hard {}", *limit.hard) : "hard unlimited"});
  }
  return rows;
}

// --- machine

std::vector<Row> machine_rows(const machine::Facts& facts) {
  const machine::User& user = facts.user;
  std::vector<Row> rows{{"kernel", facts.kernel.release, facts.kernel.architecture},
                        {"runtime", facts.runtime.name.empty() ? "unknown" : facts.runtime.name,
                         facts.runtime.evidence},
                        {"user", fmt::format("{}:{}", user.uid, user.gid),
                         user.host_uid ? fmt::format("{} on the host", *user.host_uid)
                                       : "on the host: not to be seen from here"}};
  if (facts.ports.ephemeral) {
    rows.push_back(
        {"ephemeral ports",
         fmt::format("{}-{}", facts.ports.ephemeral->first, facts.ports.ephemeral->second),
         "do not put MASTER_PORT there"});
  }
  return rows;
}

std::vector<Row> network_rows(const machine::Network& network) {
  std::vector<Row> rows{{"hostname", network.hostname, joined(network.hostname_addresses)}};
  for (const machine::Interface& interface : network.interfaces) {
    rows.push_back({interface.name, interface.kind + (interface.up ? "" : ", down"),
                    joined(interface.addresses)});
  }
  for (const machine::RdmaDevice& device : network.rdma) {
    rows.push_back({device.name, device.link_layer, device.state});
  }
  return rows;
}

}  // namespace

std::string to_text(const Situation& situation, bool colour) {
  Page page(colour);
  page.group("Identity", identity_rows(situation));
  page.group("Also exported", export_rows(situation));
  page.group("Launchers and platforms", provider_rows(situation.identity));
  page.group("Limits", limit_rows(situation));
  page.group("Machine", machine_rows(situation.facts));
  page.group("Network", network_rows(situation.facts.network));
  std::vector<Row> troubles;
  for (const std::string& trouble : troubles_of(situation)) {
    troubles.push_back({mask_secrets(trouble), "", ""});
  }
  page.group("Could not be read", troubles);
  return page.take();
}

}  // namespace toolkit::commands
