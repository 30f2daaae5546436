// Processors, memory, limits of the process, ports, kernel.
#include "parts.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/utsname.h>

#include <algorithm>

namespace toolkit::machine {
namespace {

constexpr std::size_t kMostCpus = 8192;  // CONFIG_NR_CPUS

// "0-3,8": Documentation/admin-guide/cputopology.rst, List Formats.
std::optional<std::uint32_t> count_list(std::string_view list) {
  std::uint32_t count = 0;
  for (const std::string_view part : split(trim(list), ',')) {
    const auto dash = part.find('-');
    const auto first = parse_count(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_count(part.substr(dash + 1));
    if (!first || !last || *first > *last || *last >= kMostCpus) {
      return std::nullopt;
    }
    count += static_cast<std::uint32_t>(*last - *first + 1);
  }
  return count;
}

// Without /sys: the lines "cpu0 …" of /proc/stat.
std::optional<std::uint32_t> count_processors(std::string_view stat) {
  std::uint32_t count = 0;
  for (const std::string_view line : split(stat, '\n')) {
    count += line.size() > 3 && line.starts_with("cpu") && line[3] >= '0' && line[3] <= '9';
  }
  return count > 0 ? std::optional(count) : std::nullopt;
}

std::optional<std::uint64_t> kibibytes(std::string_view meminfo, std::string_view key) {
  const auto text = value_of(meminfo, key);
  const auto number = text ? parse_count(text->substr(0, text->find(' '))) : std::nullopt;
  return number ? std::optional(*number * 1024) : std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto number = parse_count(text);
  return number && *number <= 65535 ? std::optional(static_cast<std::uint16_t>(*number))
                                    : std::nullopt;
}

// The two ports of "32768\t60999" or of "9148-9150".
std::optional<std::pair<std::uint16_t, std::uint16_t>> parse_range(std::string_view text,
                                                                   std::string_view separators) {
  const auto at = text.find_first_of(separators);
  const auto first = parse_port(text.substr(0, at));
  const auto last = at == std::string_view::npos ? first : parse_port(text.substr(at + 1));
  return first && last ? std::optional(std::pair(*first, *last)) : std::nullopt;
}

// statfs(2)
std::string file_system_name(long type) {
  switch (type) {
    case 0x01021994:
      return "tmpfs";
    case 0x794c7630:
      return "overlay";
    case 0xef53:
      return "ext4";
    case 0x58465342:
      return "xfs";
    case 0x9123683e:
      return "btrfs";
    case 0x958458f6:
      return "hugetlbfs";
    default:
      return fmt::format("{:#x}", static_cast<unsigned long>(type));
  }
}

std::optional<std::uint64_t> finite(rlim_t limit) {
  return limit == RLIM_INFINITY ? std::nullopt : std::optional<std::uint64_t>(limit);
}

}  // namespace

Cpus read_cpus(const std::string& root) {
  Cpus cpus;
  if (const auto online = read_text(root, "/sys/devices/system/cpu/online")) {
    cpus.online = count_list(*online);
  } else if (const auto stat = read_text(root, "/proc/stat")) {
    cpus.online = count_processors(*stat);
  }
  alignas(cpu_set_t) unsigned char mask[kMostCpus / 8] = {};
  auto* const set = reinterpret_cast<cpu_set_t*>(mask);
  if (::sched_getaffinity(0, sizeof mask, set) == 0) {
    for (std::uint32_t cpu = 0; cpu < kMostCpus; ++cpu) {
      if (CPU_ISSET_S(cpu, sizeof mask, set)) {
        cpus.allowed.push_back(cpu);
      }
    }
    cpus.affinity = static_cast<std::uint32_t>(cpus.allowed.size());
  }
  return cpus;
}

Memory read_memory(const std::string& root, std::string_view mountinfo) {
  Memory memory;
  memory.lxcfs = mountinfo.find(" /proc/meminfo ") != std::string_view::npos &&
                 mountinfo.find("fuse.lxcfs") != std::string_view::npos;
  const auto text = read_text(root, "/proc/meminfo");
  if (text) {
    memory.total = kibibytes(*text, "MemTotal");
    memory.available = kibibytes(*text, "MemAvailable");
    memory.swap_total = kibibytes(*text, "SwapTotal");
    memory.swap_free = kibibytes(*text, "SwapFree");
    memory.commit_limit = kibibytes(*text, "CommitLimit");
  }
  return memory;
}

Tasks read_tasks(const std::string& root) {
  const auto number = [&](std::string_view path) -> std::optional<std::uint64_t> {
    const auto text = read_text(root, path);
    return text ? parse_count(*text) : std::nullopt;
  };
  return {number("/proc/sys/kernel/threads-max"), number("/proc/sys/kernel/pid_max")};
}

std::vector<ResourceLimit> read_resource_limits() {
  struct Known {
    const char* name;
    decltype(RLIMIT_NOFILE) number;
  };
  std::vector<ResourceLimit> limits;
  for (const Known& known :
       {Known{"nofile", RLIMIT_NOFILE}, Known{"nproc", RLIMIT_NPROC},
        Known{"memlock", RLIMIT_MEMLOCK}, Known{"stack", RLIMIT_STACK}, Known{"core", RLIMIT_CORE},
        Known{"as", RLIMIT_AS}, Known{"fsize", RLIMIT_FSIZE}, Known{"cpu", RLIMIT_CPU}}) {
    rlimit limit{};
    if (::getrlimit(known.number, &limit) == 0) {
      limits.push_back({known.name, finite(limit.rlim_cur), finite(limit.rlim_max)});
    }
  }
  return limits;
}

SharedMemory read_shared_memory(const std::string& root) {
  SharedMemory memory;
  struct statfs status {};
  if (::statfs((root + "/dev/shm").c_str(), &status) == 0) {
    const auto block = static_cast<std::uint64_t>(status.f_frsize);
    memory.file_system = file_system_name(static_cast<long>(status.f_type));
    memory.total = status.f_blocks * block;
    memory.free = status.f_bavail * block;
  }
  return memory;
}

Ports read_ports(const std::string& root) {
  Ports ports;
  if (const auto range = read_text(root, "/proc/sys/net/ipv4/ip_local_port_range")) {
    ports.ephemeral = parse_range(trim(*range), " \t");
  }
  if (const auto list = read_text(root, "/proc/sys/net/ipv4/ip_local_reserved_ports")) {
    for (const std::string_view part : split(trim(*list), ',')) {
      if (const auto range = parse_range(part, "-")) {
        ports.reserved.push_back(*range);
      }
    }
  }
  if (const auto start = read_text(root, "/proc/sys/net/ipv4/ip_unprivileged_port_start")) {
    ports.unprivileged_start = parse_port(*start);
  }
  return ports;
}

Kernel read_kernel(const std::string& root) {
  utsname name{};
  ::uname(&name);
  Kernel kernel{name.release, name.version, name.machine};
  if (!root.empty()) {
    kernel.release = trim(read_text(root, "/proc/sys/kernel/osrelease").value_or(""));
    kernel.version = trim(read_text(root, "/proc/sys/kernel/version").value_or(""));
  }
  return kernel;
}

}  // namespace toolkit::machine
