// Who we are to the kernel: user_namespaces(7), proc_pid_status(5), capabilities(7).
#include "parts.hpp"

#include <toolkit/base/text.hpp>

#include <unistd.h>

#include <charconv>

namespace toolkit::machine {
namespace {

// A line of /proc/self/uid_map: our first id, the first one outside, how many.
struct Mapped {
  std::uint64_t inside = 0, outside = 0, count = 0;
};

std::optional<Mapped> parse_mapping(std::string_view line) {
  Mapped mapped;
  std::uint64_t* const fields[] = {&mapped.inside, &mapped.outside, &mapped.count};
  for (std::uint64_t* const field : fields) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    const auto number = parse_count(line.substr(0, end));
    if (!number) {
      return std::nullopt;
    }
    *field = *number;
    line.remove_prefix(end);
  }
  return mapped;
}

// A namespace of all ids onto themselves is the machine's own.
bool is_identity(const Mapped& mapped) {
  return mapped.inside == 0 && mapped.outside == 0 && mapped.count == 4294967295;
}

void read_map(User& user, std::string_view map) {
  user.in_user_namespace = true;
  for (const std::string_view line : split(map, '\n')) {
    const auto mapped = parse_mapping(line);
    if (!mapped) {
      continue;
    }
    if (user.uid_map.empty()) {
      user.uid_map = std::to_string(mapped->inside) + " " + std::to_string(mapped->outside) + " " +
                     std::to_string(mapped->count);
      user.in_user_namespace = !is_identity(*mapped);
    }
    if (user.euid >= mapped->inside && user.euid - mapped->inside < mapped->count) {
      user.host_uid = mapped->outside + (user.euid - mapped->inside);
    }
  }
}

std::optional<std::uint64_t> parse_mask(std::optional<std::string_view> text) {
  std::uint64_t mask = 0;
  if (!text || text->empty()) {
    return std::nullopt;
  }
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, mask, 16);
  return error == std::errc() && stop == end ? std::optional(mask) : std::nullopt;
}

}  // namespace

User read_user(const std::string& root) {
  User user;
  user.uid = ::getuid();
  user.gid = ::getgid();
  user.euid = ::geteuid();
  if (const auto map = read_text(root, "/proc/self/uid_map")) {
    read_map(user, *map);
  }
  if (const auto status = read_text(root, "/proc/self/status")) {
    user.capabilities = parse_mask(value_of(*status, "CapEff"));
    user.bounding = parse_mask(value_of(*status, "CapBnd"));
    const auto number = [&](std::string_view key) {
      return parse_count(value_of(*status, key).value_or(""));
    };
    const auto seccomp = number("Seccomp"), privileges = number("NoNewPrivs");
    user.seccomp = seccomp ? std::optional(static_cast<int>(*seccomp)) : std::nullopt;
    user.no_new_privileges = privileges ? std::optional(*privileges != 0) : std::nullopt;
  }
  return user;
}

}  // namespace toolkit::machine
