// memory:8G
//
// At least so much can still be taken, of the machine's memory and within our cgroup's limits.

#include "memory.hpp"

#include "looking.hpp"
#include "schemes.hpp"

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/cgroup/memory.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::probe {
namespace {

// The number after this word, at the beginning of a line.
std::optional<std::uint64_t> value_of(std::string_view text, std::string_view key) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(key)) {
      const auto words = split(trim(line.substr(key.size())), ' ');
      const auto number = parse_whole(words[0]);
      return number && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number))
                                    : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> number_in(const std::string& path) {
  const auto text = read_file(path, 64);
  const auto number = text ? parse_whole(trim(*text)) : std::nullopt;
  return number && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

struct Files {
  const char* limit;
  const char* usage;
  const char* inactive;  // in memory.stat, with what is below
};
constexpr Files kVersion1{"/memory.limit_in_bytes", "/memory.usage_in_bytes",
                          "total_inactive_file "};
constexpr Files kVersion2{"/memory.max", "/memory.current", "inactive_file "};

// What a group uses and could not easily give back; all of it when its parts cannot be read.
std::optional<std::uint64_t> working_set(const std::string& directory, const Files& files) {
  const auto usage = number_in(directory + files.usage);
  const auto stat = read_file(directory + "/memory.stat");
  const auto inactive = stat ? value_of(*stat, files.inactive) : std::nullopt;
  return usage ? std::optional(*usage - std::min(*usage, inactive.value_or(0))) : std::nullopt;
}

std::uint64_t left_of(std::uint64_t limit, std::uint64_t used) {
  return limit - std::min(limit, used);
}

// "max" and v1's endless number are no limits: the first is no number, the second leaves more than
// any machine has.
void lower_by_group(std::uint64_t& available, const std::string& directory, const Files& files) {
  const auto limit = number_in(directory + files.limit);
  const auto used = limit ? working_set(directory, files) : std::nullopt;
  if (used) {
    available = std::min(available, left_of(*limit, *used));
  }
}

}  // namespace

tl::expected<AvailableMemory, std::string> available_memory(const std::string& root) {
  const auto meminfo = read_file(root + "/proc/meminfo");
  if (!meminfo) {
    return tl::unexpected(meminfo.error().message);
  }
  const auto kibibytes = value_of(*meminfo, "MemAvailable:");
  if (!kibibytes) {
    return tl::unexpected(std::string("/proc/meminfo has no MemAvailable"));
  }
  AvailableMemory available{*kibibytes << 10, *kibibytes << 10, true};
  const auto group = cgroup::MemoryGroup::find(root);
  available.group_visible = group.visible();
  if (!group.visible()) {
    return available;
  }
  const Files& files = group.version2() ? kVersion2 : kVersion1;
  // Upwards while there are memory groups: a mount point's parent is none.
  std::string directory = group.directory();
  while (directory.size() > root.size() && read_file(directory + "/cgroup.procs", 1)) {
    lower_by_group(available.group, directory, files);
    directory.erase(directory.rfind('/'));
  }
  // A limit from above a namespace, which only v1 tells, leaves at most this.
  const auto limit = group.limit_bytes();
  const auto used = limit ? working_set(group.directory(), files) : std::nullopt;
  if (used) {
    available.group = std::min(available.group, left_of(*limit, *used));
  }
  return available;
}

namespace {

Finding look(std::uint64_t wanted) {
  const auto available = available_memory();
  if (!available) {
    return {.reason = Reason::unknown, .words = available.error(), .exit_code = {}};
  }
  const std::uint64_t least = std::min(available->machine, available->group);
  const std::string words = describe_bytes(least) + " available";
  if (least < wanted) {
    return not_yet(fmt::format("{}{}, wanted {}", words,
                               available->group < available->machine ? " within the cgroup" : "",
                               describe_bytes(wanted)));
  }
  if (!available->group_visible) {
    return {.reason = Reason::unknown,
            .words = "our cgroup cannot be seen, and so no limit that it may have",
            .exit_code = {}};
  }
  return is_met(words);
}

}  // namespace

Made make_memory(const condition::Leaf& leaf, const Settings&) {
  if (auto wrong = unknown_parameter(leaf, {})) {
    return tl::unexpected(std::move(*wrong));
  }
  const auto wanted = parse_byte_size(leaf.target.text);
  if (!wanted) {
    return mistake(leaf, leaf.target, wanted.error().message, "such as memory:8G");
  }
  return make_looking_probe([bytes = wanted->bytes](SteadyTime) { return Look{look(bytes)}; });
}

}  // namespace toolkit::probe
