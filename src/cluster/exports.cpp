#include <toolkit/base/text.hpp>
#include <toolkit/cluster/exports.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace toolkit::cluster {
namespace {

constexpr Field kVariables[] = {
    Field::rank,      Field::world_size, Field::local_rank,  Field::local_world_size,
    Field::node_rank, Field::node_count, Field::master_addr, Field::master_port};

std::string step_of(const Value& value) {
  return value.rule.empty()
             ? fmt::format("{} of {}", confidence_name(value.confidence), value.provider)
             : fmt::format("{} for {}: {}", confidence_name(value.confidence), value.provider,
                           value.rule);
}

class Maker {
 public:
  Maker(const Identity& identity, const Surroundings& surroundings, const ExportInputs& inputs)
      : identity_(identity), surroundings_(surroundings), inputs_(inputs) {}

  Exports make() {
    for (const auto field : kVariables) {
      export_field(field);
    }
    export_threads();
    export_interface("NCCL_SOCKET_IFNAME", true);
    export_interface("GLOO_SOCKET_IFNAME", false);
    return std::move(exports_);
  }

 private:
  /// Nothing for what is unset or empty.
  [[nodiscard]] std::optional<std::string> users(std::string_view name) const {
    const auto value = surroundings_.variable(name);
    return value && !value->empty() ? std::optional(std::string(*value)) : std::nullopt;
  }

  void lacks(std::string_view name, std::string why) {
    exports_.unset.emplace_back(std::string(name), std::move(why));
  }

  /// `by_us`: not a launcher's word, so that the user's own one goes first.
  void put(Export made, bool by_us) {
    const auto set = users(made.name);
    if (set && *set != made.value && by_us) {
      made.chain.push_back(
          fmt::format("{} is set to {} already, which stays", made.name, printable(*set)));
      made.kept = set;
    } else if (set && *set != made.value) {
      made.chain.push_back(fmt::format("takes the place of {}={}", made.name, printable(*set)));
    }
    exports_.all.push_back(std::move(made));
  }

  void export_field(Field field) {
    const auto name = variable_name(field);
    if (const auto& value = at(identity_.values, field)) {
      auto chain = value->sources;
      chain.push_back(step_of(*value));
      // A guess is no reason to overrule anybody, nor is it for the place of the store.
      const bool by_us = value->confidence == Confidence::guessed || field == Field::master_addr ||
                         field == Field::master_port;
      put({std::string(name), value->text, value->confidence, std::move(chain), {}}, by_us);
    } else if (field == Field::master_port) {
      export_port();
    } else {
      lacks(name, identity_.missing[static_cast<std::size_t>(field)]);
    }
  }

  /// A port is of use to who has a place in a job: a rank, or the address that it belongs to.
  [[nodiscard]] bool has_place() const {
    return at(identity_.values, Field::rank) || at(identity_.values, Field::node_rank) ||
           at(identity_.values, Field::master_addr);
  }

  void export_port() {
    const auto& id = at(identity_.values, Field::job_id);
    if (!has_place()) {
      lacks("MASTER_PORT", identity_.seen.empty()
                               ? "there is no job that would need one"
                               : "neither our rank nor MASTER_ADDR is known, so none is guessed");
      return;
    }
    const auto port = agreed_port(id ? id->text : "", inputs_.ephemeral, inputs_.reserved);
    if (!port) {
      lacks("MASTER_PORT", "every port is ephemeral or reserved");
      return;
    }
    std::vector<std::string> chain = id ? id->sources : std::vector<std::string>{"no job id"};
    chain.push_back(
        fmt::format("guessed: {}, alike on every rank, outside of the ephemeral and the "
                    "reserved ports",
                    id ? "from the job's id" : "torchrun's 29500 or the next one"));
    put({"MASTER_PORT", fmt::format("{}", *port), Confidence::guessed, std::move(chain), {}}, true);
  }

  void export_threads() {
    if (!inputs_.cpus) {
      lacks("OMP_NUM_THREADS", "how many CPUs we may use is not known");
      return;
    }
    // A pod may start eight processes or one; each of them would take all CPUs.
    const auto& local = at(identity_.values, Field::local_world_size);
    if (!local && !identity_.seen.empty()) {
      lacks("OMP_NUM_THREADS", "how many processes this node has is not known");
      return;
    }
    const auto ranks = local ? parse_whole(local->text).value_or(1) : 1;
    const auto threads =
        std::max(1.0, std::floor(*inputs_.cpus / static_cast<double>(std::max(1LL, ranks))));
    std::vector<std::string> chain{fmt::format("{:g} CPUs that may be used", *inputs_.cpus)};
    if (local) {
      chain.insert(chain.end(), local->sources.begin(), local->sources.end());
    }
    chain.push_back(
        fmt::format("max(1, {:g} CPUs / {} processes on this node)", *inputs_.cpus, ranks));
    put({"OMP_NUM_THREADS",
         fmt::format("{:.0f}", threads),
         Confidence::composed,
         std::move(chain),
         {}},
        true);
  }

  /// Of several nodes only: on one node each library's own choice works. NCCL takes "=eth0" as an
  /// exact name, Gloo takes exact names only.
  void export_interface(std::string_view name, bool exact_sign) {
    const auto& nodes = at(identity_.values, Field::node_count);
    if (!nodes || nodes->text == "1") {
      lacks(name,
            nodes ? "there is one node only" : "whether there are several nodes is not known");
      return;
    }
    const auto& all = inputs_.interfaces;
    const bool by_route = std::ranges::find(all, inputs_.default_interface) != all.end();
    if (!by_route && all.size() != 1) {
      lacks(name, all.empty() ? "there is no interface but loopback"
                              : "several interfaces, and none has the default route");
      return;
    }
    const auto& interface = by_route ? inputs_.default_interface : all.front();
    std::vector<std::string> chain = nodes->sources;
    chain.push_back(by_route ? fmt::format("{} has the default route", interface)
                             : fmt::format("{} is the only interface", interface));
    put({std::string(name),
         (exact_sign ? "=" : "") + interface,
         Confidence::guessed,
         std::move(chain),
         {}},
        true);
  }

  const Identity& identity_;
  const Surroundings& surroundings_;
  const ExportInputs& inputs_;
  Exports exports_;
};

}  // namespace

Exports make_exports(const Identity& identity, const Surroundings& surroundings,
                     const ExportInputs& inputs) {
  return Maker(identity, surroundings, inputs).make();
}

}  // namespace toolkit::cluster
