// Any text in the files of a small machine, parted by NULs: limits and facts, never a crash, and
// what is set is set to something.
#include <toolkit/cgroup/cpus.hpp>
#include <toolkit/cgroup/settings.hpp>
#include <toolkit/machine/facts.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace {

constexpr const char* kFiles[] = {
    "proc/self/cgroup",
    "proc/self/mountinfo",
    "sys/fs/cgroup/pod/cpu.max",
    "sys/fs/cgroup/pod/memory.max",
    "sys/fs/cgroup/pod/memory.stat",
    "sys/fs/cgroup/pod/cpu.stat",
    "sys/fs/cgroup/pod/cpuset.cpus.effective",
    "sys/fs/cgroup/pod/cpu.pressure",
    "sys/fs/cgroup/pod/cpu.weight",
    "sys/fs/cgroup/memory/pod/memory.limit_in_bytes",
    "sys/fs/cgroup/memory/pod/memory.stat",
    "sys/fs/cgroup/cpu/pod/cpu.cfs_quota_us",
    "sys/fs/cgroup/cpu/pod/cpu.cfs_period_us",
    "proc/self/uid_map",
    "proc/self/status",
    "proc/meminfo",
    "proc/sys/net/ipv4/ip_local_reserved_ports",
    "sys/devices/system/cpu/online",
    "etc/hosts",
};

// Made once, in memory where there is /dev/shm.
const std::string& small_machine() {
  static const std::string root = [] {
    const bool memory = ::access("/dev/shm", W_OK) == 0;
    std::string path =
        std::string(memory ? "/dev/shm" : "/tmp") + "/limits_fuzz_" + std::to_string(::getpid());
    for (const char* file : kFiles) {
      std::filesystem::create_directories(std::filesystem::path(path + "/" + file).parent_path());
    }
    for (const char* group : {"", "/pod", "/memory", "/memory/pod", "/cpu", "/cpu/pod"}) {
      ::close(::open((path + "/sys/fs/cgroup" + group + "/cgroup.procs").c_str(),
                     O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    }
    static struct Removal {
      std::string path;
      ~Removal() { std::filesystem::remove_all(path); }
    } removal{path};
    return path;
  }();
  return root;
}

void write_file(const std::string& path, std::string_view bytes) {
  const int fd = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  if (fd < 0 || ::write(fd, bytes.data(), bytes.size()) < 0) {
    std::abort();
  }
  ::close(fd);
}

void require(bool right) {
  if (!right) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (const char* file : kFiles) {
    const auto end = rest.find('\0');
    write_file(small_machine() + "/" + file, rest.substr(0, end));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  using namespace toolkit;
  const auto limits = cgroup::read_limits(small_machine());
  const auto facts = machine::read_facts(small_machine());
  using State = cgroup::Limit<cgroup::CpuTime>::State;
  require(limits.cpu.quota.state != State::set || limits.cpu.quota.value.period_us > 0);
  require(limits.cpu.quota.state != State::unknown || !limits.cpu.quota.reason.empty());
  if (const auto cpus = cgroup::effective_cpus(limits.cpu, limits.cpuset, facts.cpus.allowed,
                                               facts.cpus.online)) {
    require(cpus->floor >= 1 && cpus->floor <= cpus->ceiling && cpus->ceiling <= cpus->usable);
    require(cpus->go >= cpus->java && cpus->go <= cpus->usable);
  }
  (void)cgroup::infer_settings(limits);
  (void)machine::addresses_of(facts.network, "node0");
  return 0;
}
