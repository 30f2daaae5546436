#pragma once
// What is to be faked, from the command line.

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fakedev {

struct Rule {
  std::string path;
  int error = 0;  // of an open; ENOENT is also stat's
  unsigned major = 0, minor = 0;
  std::string real;  // instead of a device: what lies there is what is seen at `path` and below
};

inline int errno_of(std::string_view name) {
  for (int number = 1; number < 134; ++number) {
    const char* known = ::strerrorname_np(number);
    if (known != nullptr && name == known) {
      return number;
    }
  }
  return name == "ok" ? 0 : -1;
}

/// "/dev/nvidia1=EIO:195:1", "/dev/nvidiactl=ok:195:255", "/proc/driver/nvidia=@/tmp/proc"
inline std::optional<Rule> parse_rule(std::string_view text) {
  const auto equal = text.find('=');
  if (equal == text.npos || !text.starts_with('/')) {
    return std::nullopt;
  }
  Rule rule;
  rule.path = text.substr(0, equal);
  const std::string what(text.substr(equal + 1));
  if (what.starts_with('@')) {
    rule.real = what.substr(1);
    return rule;
  }
  rule.error = errno_of(what.substr(0, what.find(':')));
  const auto colon = what.find(':');
  if (colon != what.npos) {
    char* end = nullptr;
    rule.major = static_cast<unsigned>(std::strtoul(what.c_str() + colon + 1, &end, 10));
    rule.minor = *end == ':' ? static_cast<unsigned>(std::strtoul(end + 1, nullptr, 10)) : 0;
  }
  return rule.error < 0 ? std::nullopt : std::optional(rule);
}

/// The rule with the longest path that `path` is, or lies below.
inline const Rule* rule_for(const std::vector<Rule>& rules, std::string_view path) {
  const Rule* best = nullptr;
  for (const Rule& rule : rules) {
    const bool below = !rule.real.empty() && path.starts_with(rule.path) &&
                       path.substr(rule.path.size()).starts_with('/');
    if ((path == rule.path || below) && (best == nullptr || rule.path.size() > best->path.size())) {
      best = &rule;
    }
  }
  return best;
}

}  // namespace fakedev
