// `toolkit env` as its users meet it: what it says, in which form, and what it becomes.
#include "env_run.hpp"

#include <nlohmann/json.hpp>

using namespace toolkit::support;

namespace {

const Words kSlurm{"SLURM_JOB_ID=77",
                   "SLURM_STEP_ID=0",
                   "SLURM_PROCID=3",
                   "SLURM_LOCALID=1",
                   "SLURM_NODEID=1",
                   "SLURM_STEP_NUM_TASKS=5",
                   "SLURM_STEP_NUM_NODES=3",
                   "SLURM_STEP_NODELIST=n[1-3]",
                   "SLURM_STEP_TASKS_PER_NODE=2(x2),1"};
const Words kPmi{"PMI_RANK=1", "PMI_SIZE=2", "MPI_LOCALRANKID=1", "MPI_LOCALNRANKS=2"};
const Words kTwoLaunchers = kPmi + Words{"OMPI_COMM_WORLD_RANK=0", "OMPI_COMM_WORLD_SIZE=2"};

}  // namespace

TEST_CASE("env: a step of Slurm is told in the words of torchrun, each with its source") {
  const Outcome outcome = env_with(kSlurm);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.err.empty());
  for (const char* line :
       {"  RANK              3         SLURM_PROCID=3\n", "  WORLD_SIZE        5 ",
        "  MASTER_ADDR       n1        the first node of the list (SLURM_STEP_NODELIST=n[1-3])\n",
        "  slurm-step  Slurm job step  SLURM_STEP_ID\n"}) {
    CAPTURE(line);
    CHECK(contains(outcome.out, line));
  }
  const auto answer = nlohmann::json::parse(env_with(kSlurm, {"--json"}).out);
  CHECK(answer["identity"]["rank"]["value"] == 3);
  CHECK(answer["identity"]["rank"]["sources"][0] == "SLURM_PROCID=3");
}

TEST_CASE("env: names are text for programs, also where they look like numbers") {
  const Outcome outcome = env_with(kSlurm + Words{"SLURM_JOB_NAME=007"}, {"--json"});
  const auto identity = nlohmann::json::parse(outcome.out)["identity"];
  CHECK(identity["job_name"]["value"] == "007");
  CHECK(identity["job_id"]["value"] == "77");
  CHECK(identity["node_count"]["value"] == 3);
}

TEST_CASE("env: the program takes our place, with the variables and a clean signal mask") {
  const Outcome outcome =
      env_with(kSlurm + Words{"OMP_NUM_THREADS=7"},
               {"--", "sh", "-c",
                "echo $RANK $WORLD_SIZE $LOCAL_RANK $NODE_RANK $MASTER_ADDR $OMP_NUM_THREADS"});
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out == "3 5 1 1 n1 7\n");
  // Not by a shell: some clear the mask.
  CHECK(env_with({}, {"--", "grep", "SigBlk", "/proc/self/status"}).out ==
        "SigBlk:\t0000000000000000\n");
  Process process({toolkit_path(), "env", "--", "sh", "-c", "echo $$"});
  const std::string pid = std::to_string(process.pid());
  CHECK(process.wait().out == pid + "\n");
}

TEST_CASE("env: the program's code is the answer, 127 and 126 where there is none") {
  CHECK(env_with({}, {"--", "sh", "-c", "exit 9"}).exit_code == 9);
  CHECK(env_with({}, {"--", "/no/such/program"}).exit_code == 127);
  CHECK(env_with({}, {"--", "/proc"}).exit_code == 126);
}

TEST_CASE("env: every rank gets the same port, outside of the ephemeral ones") {
  const Words print{"--", "sh", "-c", "echo $MASTER_PORT"};
  Words other = kSlurm;
  other[2] = "SLURM_PROCID=0";
  const std::string port = env_with(kSlurm, print).out;
  CHECK(port == env_with(other, print).out);
  other[0] = "SLURM_JOB_ID=78";
  CHECK(port != env_with(other, print).out);
  const auto ephemeral = read_file("/proc/sys/net/ipv4/ip_local_port_range");
  CHECK((std::stoi(port) < std::stoi(ephemeral) || std::stoi(port) > 60'999));
}

TEST_CASE("env: --explain tells the steps that led to a value, or why there is none") {
  CHECK(env_with(kSlurm, {"--explain", "RANK"}).out ==
        "RANK=3\n  SLURM_PROCID=3\n  said of slurm-step\n");
  CHECK(contains(env_with(kSlurm, {"--explain", "MASTER_PORT"}).out, "  SLURM_JOB_ID=77\n"));
  CHECK(contains(env_with({}, {"--explain", "RANK"}).out, "RANK is not set\n  no value of ours: "));
  CHECK(contains(env_with({"API_TOKEN=s3cr3t"}, {"--explain", "API_TOKEN"}).out, "API_TOKEN=***"));
  CHECK(
      contains(env_with(kSlurm + Words{"OMP_NUM_THREADS=7"}, {"--explain", "OMP_NUM_THREADS"}).out,
               "OMP_NUM_THREADS is set to 7 already, which stays"));
}

TEST_CASE("env: --strict wants a rank that nobody contradicts, and starts nothing otherwise") {
  const Words start{"--strict", "--", "echo", "started"};
  const Outcome two = env_with(kTwoLaunchers, start);
  CHECK(two.exit_code == 1);
  CHECK(two.out.empty());
  CHECK(contains(two.err, "rank is 0 by open-mpi, but 1 by mpich"));
  CHECK(env_with(kTwoLaunchers, Words{"--provider", "mpich"} + start).out == "started\n");
  CHECK(env_with(kPmi, start).out == "started\n");
  const Outcome nobody = env_with({}, start);
  CHECK(nobody.exit_code == 1);
  CHECK(contains(nobody.err, "the rank cannot be told"));
  CHECK(env_with(kTwoLaunchers).exit_code == 0);
}

TEST_CASE("env: a launcher that nobody knows is bad usage, and the nearest name is said") {
  const Outcome outcome = env_with({}, {"--provider", "slurm-stp"});
  CHECK(outcome.exit_code == 2);
  CHECK(contains(outcome.err, "--provider slurm-step"));
  CHECK(env_with({}, {"--nproc", "0"}).exit_code == 2);
}

TEST_CASE("env: a broken TF_CONFIG is named with the place, and the rest is answered") {
  const Outcome outcome = env_with(kSlurm + Words{R"(TF_CONFIG={"cluster": {)"});
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "TF_CONFIG: "));
  CHECK(contains(outcome.out, "at byte 14"));
  CHECK(contains(outcome.out, "  RANK              3 "));
  CHECK(contains(env_with({R"(TF_CONFIG={"cluster": {)"}, {"--format", "sh"}).err, "at byte 14"));
}

TEST_CASE("run --with-env: the child is told who it is, and what --env says wins") {
  const Outcome outcome = run_clean(kSlurm, {"run", "--with-env", "--env", "WORLD_SIZE=9", "--",
                                             "sh", "-c", "echo $RANK $WORLD_SIZE $MASTER_ADDR"});
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out == "3 9 n1\n");
  const Outcome two =
      run_clean(kTwoLaunchers, {"run", "--with-env", "--", "sh", "-c", "echo $RANK"});
  CHECK(two.out == "0\n");
  CHECK(contains(two.err, "rank is 0 by open-mpi, but 1 by mpich"));
  CHECK(run_clean(kPmi, {"run", "--", "sh", "-c", "echo ${RANK-none}"}).out == "none\n");
}

TEST_CASE("run --with-env: the launcher to believe and the processes of a node can be said") {
  const Words print{"--", "sh", "-c", "echo $RANK $WORLD_SIZE"};
  const Words run{"run", "--with-env"};
  CHECK(run_clean(kTwoLaunchers, run + Words{"--with-env-provider", "mpich"} + print).out ==
        "1 2\n");
  const Words pod{"PET_NNODES=3", "PET_NODE_RANK=2"};
  CHECK(run_clean(pod, run + Words{"--with-env-nproc", "1"} + print).out == "2 3\n");
  CHECK(run_clean(pod + Words{"TOOLKIT_RUN_WITH_ENV_NPROC=1"}, run + print).out == "2 3\n");
  const Outcome mistyped = run_clean(pod, run + Words{"--with-env-provider", "slurm-stp"} + print);
  CHECK(mistyped.exit_code == 125);
  CHECK(contains(mistyped.err, "--with-env-provider slurm-step"));
  const Outcome alone = run_clean(pod, Words{"run", "--with-env-nproc", "1"} + print);
  CHECK(alone.exit_code == 125);
  CHECK(contains(alone.err, "go with --with-env"));
}

TEST_CASE("run --with-env: a variable named by --env alone stays as we were given it") {
  const TempDir d;
  d.write("file", "COLOUR=blue\nSHAPE=round\n");
  const Outcome outcome =
      run_clean(kSlurm + Words{"RANK=8", "COLOUR=red"},
                {"run", "--with-env", "--env-file", d / "file", "--env", "RANK", "--env",
                 "MASTER_PORT", "--env", "COLOUR", "--env", "SHAPE", "--", "sh", "-c",
                 "echo $RANK $WORLD_SIZE ${MASTER_PORT-none} $COLOUR ${SHAPE-none}"});
  CHECK(outcome.out == "8 5 none red none\n");
}

TEST_CASE("env: the GPUs are counted, or it is said why they are not") {
  const auto gpus = nlohmann::json::parse(env_with({}, {"--json"}).out)["machine"]["gpus"];
  CHECK(gpus["visible"].is_null() == gpus["reason"].is_string());
  CHECK(gpus["visible"].is_null() != gpus["evidence"].is_string());
  const std::string text = env_with({}).out;
  const std::string value =
      gpus["visible"].is_null() ? "unknown" : std::to_string(gpus["visible"].get<int>());
  CHECK(contains(text, "  GPUs             " + value + " "));
}

TEST_CASE("env: the share of the CPUs when they are wanted by all is told where it is known") {
  const auto cpu = nlohmann::json::parse(env_with({}, {"--json"}).out)["limits"]["cpu"];
  const std::string text = env_with({}).out;
  for (const std::string name : {"weight", "shares"}) {
    CAPTURE(name);
    const bool other = name == "shares" && cpu["weight"].is_number();
    const std::string value =
        cpu[name].is_number() ? std::to_string(cpu[name].get<std::uint64_t>()) : "";
    CHECK(contains(text, "  cpu " + name + "      " + value) == (!value.empty() && !other));
  }
}
