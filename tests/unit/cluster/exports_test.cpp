#include <toolkit/cluster/exports.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace toolkit::cluster;

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Exports exports_of(const Variables& variables, const ExportInputs& inputs) {
  const Surroundings surroundings(
      [&](std::string_view name) -> std::optional<std::string_view> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt
                                        : std::optional<std::string_view>(found->second);
      },
      "/nonexistent", "own-host");
  return make_exports(identify(surroundings, {}), surroundings, inputs);
}

const Export* find(const Exports& exports, std::string_view name) {
  const auto found = std::ranges::find(exports.all, name, &Export::name);
  return found == exports.all.end() ? nullptr : &*found;
}

std::string value_of(const Exports& exports, std::string_view name) {
  const auto* found = find(exports, name);
  return found != nullptr ? found->value : "unset";
}

const Variables kTask{{"SLURM_JOB_ID", "77"},
                      {"SLURM_STEP_ID", "0"},
                      {"SLURM_PROCID", "3"},
                      {"SLURM_LOCALID", "1"},
                      {"SLURM_NODEID", "1"},
                      {"SLURM_STEP_NUM_TASKS", "4"},
                      {"SLURM_STEP_NUM_NODES", "2"},
                      {"SLURM_STEP_NODELIST", "n[1-2]"},
                      {"SLURM_STEP_TASKS_PER_NODE", "2(x2)"}};
const ExportInputs kMachine{5.5, PortRange{32768, 60999}, {}, {"eth0", "eth1"}, "eth1"};

}  // namespace

TEST_CASE("a task of Slurm gets all that a training process wants") {
  const auto exports = exports_of(kTask, kMachine);
  CHECK(value_of(exports, "RANK") == "3");
  CHECK(value_of(exports, "WORLD_SIZE") == "4");
  CHECK(value_of(exports, "LOCAL_RANK") == "1");
  CHECK(value_of(exports, "LOCAL_WORLD_SIZE") == "2");
  CHECK(value_of(exports, "NODE_RANK") == "1");
  CHECK(value_of(exports, "NNODES") == "2");
  CHECK(value_of(exports, "MASTER_ADDR") == "n1");
  CHECK(value_of(exports, "MASTER_PORT") == std::to_string(*agreed_port("77", {}, {})));
  CHECK(value_of(exports, "OMP_NUM_THREADS") == "2");
  CHECK(value_of(exports, "NCCL_SOCKET_IFNAME") == "=eth1");
  CHECK(value_of(exports, "GLOO_SOCKET_IFNAME") == "eth1");
  CHECK(exports.unset.empty());
  for (const auto& made : exports.all) {
    CAPTURE(made.name);
    CHECK(made.chain.size() >= 2);
  }
}

TEST_CASE("what the user has set to the contrary stays, and is named") {
  auto variables = kTask;
  variables["OMP_NUM_THREADS"] = "7";
  variables["MASTER_PORT"] = "1234";
  variables["RANK"] = "1";
  const auto exports = exports_of(variables, kMachine);
  CHECK(find(exports, "OMP_NUM_THREADS")->kept == "7");
  CHECK(find(exports, "MASTER_PORT")->kept == "1234");
  CHECK_FALSE(find(exports, "RANK")->kept);
  CHECK(find(exports, "RANK")->chain.back() == "takes the place of RANK=1");
}

TEST_CASE("no threads below one, and nothing of what is not known") {
  ExportInputs half{0.5};
  CHECK(value_of(exports_of(kTask, half), "OMP_NUM_THREADS") == "1");
  const auto bare = exports_of({}, ExportInputs{});
  CHECK(bare.all.empty());
  CHECK(bare.unset.size() == 11);
  for (const auto& [name, why] : bare.unset) {
    CAPTURE(name);
    CHECK_FALSE(why.empty());
  }
}

TEST_CASE("threads are not guessed for a pod that may start one process or eight") {
  const Variables pod{{"PET_NNODES", "2"}, {"KUBERNETES_SERVICE_HOST", "192.0.2.1"}};
  CHECK(value_of(exports_of(pod, kMachine), "OMP_NUM_THREADS") == "unset");
  CHECK(value_of(exports_of({}, kMachine), "OMP_NUM_THREADS") == "5");
}

TEST_CASE("a port is guessed beside a rank or an address only") {
  CHECK(value_of(exports_of({{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}}, kMachine), "MASTER_PORT") ==
        "29500");
  CHECK(value_of(exports_of({{"JOB_COMPLETION_INDEX", "1"}}, kMachine), "MASTER_PORT") == "29500");
  const Variables batch{{"SLURM_JOB_ID", "77"}, {"SLURM_JOB_NODELIST", "n[1-2]"}};
  CHECK(value_of(exports_of(batch, kMachine), "MASTER_PORT") ==
        std::to_string(*agreed_port("77", {}, {})));
  for (const Variables& nobody :
       {Variables{{"PMI_RANK", "x"}, {"PMI_SIZE", "y"}},
        Variables{{"KUBERNETES_SERVICE_HOST", "192.0.2.1"}}, Variables{{"SLURM_JOB_ID", "77"}}}) {
    CHECK(value_of(exports_of(nobody, kMachine), "MASTER_PORT") == "unset");
  }
}

TEST_CASE("the agreed port is outside of the ephemeral and the reserved ports, for any job") {
  const PortRange ephemeral{12'000, 28'000};
  const std::vector<PortRange> reserved{{28'001, 29'900}, {10'000, 11'000}};
  for (int job = 0; job < 20'000; ++job) {
    const auto id = std::to_string(job);
    const auto port = agreed_port(id, ephemeral, reserved);
    REQUIRE(port);
    REQUIRE((*port < 12'000 || *port > 29'900));
    REQUIRE(*port > 11'000);
    REQUIRE(*port < 30'000);
    REQUIRE(port == agreed_port(id, ephemeral, reserved));
  }
  CHECK(agreed_port("", PortRange{32768, 60999}, {}) == 29'500);
  CHECK(agreed_port("1", PortRange{1025, 65'535}, {}) == 1024);
  CHECK_FALSE(agreed_port("1", PortRange{1024, 65'535}, {}));
}

TEST_CASE("jobs are spread over the ports") {
  std::map<std::uint16_t, int> used;
  for (int job = 100'000; job < 102'000; ++job) {
    ++used[*agreed_port(std::to_string(job), PortRange{32768, 60999}, {})];
  }
  CHECK(used.size() > 1500);
}
