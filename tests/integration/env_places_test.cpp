// `toolkit env` where little can be seen, what it asks of the kernel, and its checks.
#include "env_run.hpp"

#include <toolkit/base/unique_fd.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <iostream>

using namespace toolkit::support;

namespace {

// Whether unshare(1) can do this here; said where it cannot.
bool can(const Words& unshare) {
  const bool able = run_program(unshare + Words{"true"}).exit_code == 0;
  if (!able) {
    std::cout << "skipped: these namespaces cannot be made here\n";
  }
  return able;
}

// A listener on 127.0.0.1 and its port.
std::pair<toolkit::UniqueFd, std::string> listener() {
  toolkit::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(fd.get(), any, size) == 0);
  REQUIRE(::listen(fd.get(), 1) == 0);
  REQUIRE(::getsockname(fd.get(), any, &size) == 0);
  return {std::move(fd), std::to_string(ntohs(address.sin_port))};
}

Words rank_zero(const std::string& port) {
  return {"RANK=0",       "WORLD_SIZE=2",          "LOCAL_RANK=0", "LOCAL_WORLD_SIZE=2",
          "NODE_RANK=0",  "MASTER_ADDR=localhost", "NNODES=1",     "MASTER_PORT=" + port,
          "GROUP_RANK=0", "TORCHELASTIC_RUN_ID=x"};
}

}  // namespace

TEST_CASE("env: uid 65534 in a user namespace is answered, and knows where it is") {
  const Words unshare{"unshare", "-U", "--map-user=65534", "--map-group=65534"};
  if (!can(unshare)) {
    return;
  }
  const Outcome outcome = run_program(unshare + Words{toolkit_path(), "env", "--json"});
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.err.empty());
  CHECK(json_field(outcome.out, "uid") == "65534");
  CHECK(json_field(outcome.out, "in_user_namespace") == "true");
}

TEST_CASE("env: without /proc and /sys limits are unknown, never unlimited, and named") {
  const Words unshare{"unshare", "-m"};
  if (!can(unshare)) {
    return;
  }
  const Outcome outcome =
      run_program(unshare + shell("mount -t tmpfs none /proc && mount -t tmpfs none /sys && exec " +
                                  toolkit_path() + " env"));
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "  memory limit    unknown "));
  CHECK(contains(outcome.out, "  cpus            at most "));
  CHECK(contains(outcome.out, "cannot read /proc/self/cgroup"));
  CHECK_FALSE(contains(outcome.out, "limit    unlimited"));
}

TEST_CASE(
    "env: at most 150 calls that read files, no writing, and nobody is asked over a network") {
  const TempDir d;
  const std::string trace = d / "trace";
  const Outcome outcome = run_program({"strace", "-f", "-o", trace, toolkit_path(), "env"});
  if (sanitized() || outcome.exit_code != 0) {
    std::cout << "skipped: strace cannot trace here, or a sanitizer asks the kernel too\n";
    return;
  }
  int reading = 0;
  for (const std::string& line : lines_of(read_file(trace))) {
    CAPTURE(line);
    const std::string call = line.substr(line.find_first_not_of("0123456789 "));
    for (const char* name : {"open", "read", "access", "stat", "newfstatat", "fstat", "lstat",
                             "getdents", "pread", "faccessat"}) {
      reading += call.starts_with(name) ? 1 : 0;
    }
    const bool opens = call.starts_with("open");
    CHECK_FALSE((opens && !contains(call, "O_RDONLY")));
    CHECK_FALSE((opens && contains(call, "O_CREAT")));
    CHECK_FALSE((call.starts_with("write(") && !call.starts_with("write(1,")));
    CHECK_FALSE(call.starts_with("connect"));
    CHECK_FALSE((call.starts_with("socket(") && !contains(call, "AF_NETLINK")));
    for (const char* name : {"mkdir", "unlink", "rename", "chmod", "clone", "fork", "symlink"}) {
      CHECK_FALSE(call.starts_with(name));
    }
  }
  CHECK(reading > 20);
  CHECK(reading <= 150);
}

TEST_CASE("env --check: a busy MASTER_PORT fails, with what to do, and starts nothing") {
  const auto [fd, port] = listener();
  const Outcome outcome = env_with(rank_zero(port), {"--check", "--provider", "variables"});
  CHECK(outcome.exit_code == 1);
  CHECK(contains(outcome.out, "fail     port.busy: port " + port + " is busy"));
  CHECK(contains(outcome.out, "\n         try: wait for it: toolkit wait port-free:" + port));
  const Outcome start =
      env_with(rank_zero(port), {"--check", "--provider", "variables", "--", "echo", "started"});
  CHECK(start.exit_code == 1);
  CHECK(start.out.empty());
  CHECK(contains(start.err, "port.busy"));
  const Outcome json = env_with(rank_zero(port), {"--check", "--json", "--provider", "variables"});
  CHECK(json.exit_code == 1);
  CHECK(contains(json.out, R"("id":"port.busy","status":"fail")"));
}

TEST_CASE("env --check: what cannot be seen is no failure, and with --strict cannot be told") {
  const Words far{"RANK=1",
                  "WORLD_SIZE=2",
                  "LOCAL_RANK=0",
                  "LOCAL_WORLD_SIZE=1",
                  "MASTER_ADDR=no.such.host.invalid",
                  "MASTER_PORT=23456"};
  const Outcome outcome = env_with(far, {"--check"});
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "unknown  master.resolves: "));
  CHECK(contains(outcome.out, "toolkit env --check --probe"));
  CHECK(env_with(far, {"--check", "--strict"}).exit_code == 3);
  CHECK(env_with(far, {"--check", "--", "echo", "started"}).out == "started\n");
}

TEST_CASE("env --check: a record from the future and a volume that is not ours are told") {
  const TempDir d;
  CHECK(
      run_program({toolkit_path(), "run", "--state-dir", d.path(), "--name", "train", "--", "true"})
          .exit_code == 0);
  const auto check = [&] {
    return env_with({"TOOLKIT_STATE_DIR=" + d.path()}, {"--check", "--json"}).out;
  };
  CHECK(contains(check(), R"("id":"clock.skew","status":"pass")"));
  CHECK(contains(check(), R"("id":"volume.owner","status":"pass")"));
  std::string record = read_file(d / "train/job.json");
  for (const std::string year = std::to_string(2000 + 100); contains(record, "_at\":\"20");) {
    record.replace(record.find("_at\":\"20") + 6, 4, year);
  }
  d.write("train/job.json", record);
  CHECK(contains(check(), R"("id":"clock.skew","status":"warn")"));
  if (::getuid() == 0) {
    REQUIRE(::chown(d.path().c_str(), 12'345, 12'345) == 0);
    CHECK(contains(check(), R"("id":"volume.owner","status":"warn")"));
  }
}
