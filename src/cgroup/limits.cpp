#include "limits.hpp"

#include "group_files.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/cgroup/limits.hpp>

#include <charconv>

namespace toolkit::cgroup {
namespace {

// The page sizes of x86-64 and arm64 as the kernel names them (mm/hugetlb_cgroup.c mem_fmt): a
// failed open is cheaper than a listing.
#ifdef __x86_64__
constexpr const char* kPageSizes[] = {"2MB", "1GB"};
#else
constexpr const char* kPageSizes[] = {"2MB", "1GB", "64KB", "32MB", "512MB", "16GB"};
#endif

CpusetLimits read_cpuset(const Hierarchies& hierarchies) {
  CpusetLimits limits;
  const Place place = hierarchies.find("cpuset");
  limits.group = place.group;
  const bool version2 = place.group.version == 2;
  const auto nearest = [&](const char* file) -> std::optional<std::string> {
    for (const std::string& directory : place.chain) {
      if (auto text = read_text(directory + "/" + file)) {
        return std::string(trim(*text));
      }
    }
    return std::nullopt;
  };
  limits.effective = nearest(version2 ? "cpuset.cpus.effective" : "cpuset.effective_cpus");
  limits.effective_memory = nearest(version2 ? "cpuset.mems.effective" : "cpuset.effective_mems");
  return limits;
}

PidsLimits read_pids(const Hierarchies& hierarchies) {
  const Place place = hierarchies.find("pids");
  PidsLimits limits{place.group, tightest_count(place, hierarchies, "pids.max"), std::nullopt};
  if (!place.group.directory.empty()) {
    limits.current = read_count(place.chain.front() + "/pids.current");
  }
  return limits;
}

std::vector<HugePages> read_huge_pages(const Hierarchies& hierarchies) {
  std::vector<HugePages> pages;
  const Place place = hierarchies.find("hugetlb");
  const bool version2 = place.group.version == 2;
  for (const std::string size : kPageSizes) {
    if (place.chain.empty() || place.group.directory.empty()) {
      break;
    }
    const std::string name = "hugetlb." + size;
    const auto used =
        read_text(place.chain.front() + "/" + name + (version2 ? ".current" : ".usage_in_bytes"));
    if (used) {
      const auto number = parse_whole(trim(*used));
      pages.push_back(
          {size, tightest_count(place, hierarchies, name + (version2 ? ".max" : ".limit_in_bytes")),
           number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt});
    }
  }
  return pages;
}

// "some avg10=0.12 avg60=…" and "full …".
std::optional<double> average(const std::optional<std::string>& text, std::string_view kind) {
  for (const std::string_view line : split(text ? *text : std::string_view(), '\n')) {
    const auto at = line.find("avg10=");
    if (line.starts_with(kind) && at != std::string_view::npos) {
      double value = 0;
      const char* const first = line.data() + at + 6;
      const auto [end, error] = std::from_chars(first, line.data() + line.size(), value);
      return error == std::errc() && end != first ? std::optional(value) : std::nullopt;
    }
  }
  return std::nullopt;
}

Pressure read_pressure(const Hierarchies& hierarchies) {
  Pressure pressure;
  const Place place = hierarchies.find_unified();
  const auto read = [&](const std::string& before, const std::string& behind) {
    const auto cpu = read_text(before + "cpu" + behind);
    if (!cpu) {
      return false;
    }
    pressure.cpu_some = average(cpu, "some");
    const auto memory = read_text(before + "memory" + behind),
               io = read_text(before + "io" + behind);
    pressure.memory_some = average(memory, "some");
    pressure.memory_full = average(memory, "full");
    pressure.io_some = average(io, "some");
    pressure.io_full = average(io, "full");
    return true;
  };
  if (!place.group.directory.empty() && read(place.chain.front() + "/", ".pressure")) {
    pressure.directory = place.group.directory;
  } else if (read(hierarchies.root() + "/proc/pressure/", "")) {
    pressure.directory = "/proc/pressure";
  }
  return pressure;
}

}  // namespace

Limits read_limits(const std::string& root) {
  const auto read = [&](const char* path) -> std::optional<std::string> {
    auto text = read_file(root + path);
    return text ? std::optional(std::move(*text)) : std::nullopt;
  };
  return read_limits(root, {read("/proc/self/cgroup"), read("/proc/self/mountinfo")});
}

Limits read_limits(const std::string& root, SelfTexts texts) {
  const Hierarchies hierarchies(root, std::move(texts));
  Limits limits;
  limits.layout = hierarchies.layout();
  limits.cpu = read_cpu(hierarchies);
  limits.cpuset = read_cpuset(hierarchies);
  limits.memory = read_memory(hierarchies);
  limits.pids = read_pids(hierarchies);
  limits.hugepages = read_huge_pages(hierarchies);
  limits.pressure = read_pressure(hierarchies);
  limits.troubles = hierarchies.troubles();
  return limits;
}

}  // namespace toolkit::cgroup
