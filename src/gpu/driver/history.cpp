#include "history.hpp"

#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fcntl.h>

#include <algorithm>
#include <array>

namespace toolkit::gpu {
namespace {

constexpr std::size_t kMostEvents = 32;  // the last ones
constexpr off_t kMostBytes = 512 << 10;  // the end of a log

bool is_of_driver(std::string_view package) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"libnvidia-compute", "libnvidia-ml", "libnvidia-cfg", "libcuda1", "cuda-drivers",
       "cuda-compat", "nvidia-driver", "nvidia-kernel", "nvidia-dkms", "nvidia-headless",
       "nvidia-utils", "nvidia-open", "linux-modules-nvidia", "linux-objects-nvidia"});
  return std::ranges::any_of(kNames, [&](auto name) { return package.starts_with(name); });
}

std::string_view without_architecture(std::string_view package) {
  return package.substr(0, package.find(':'));
}

// "name:amd64 (old, new), other:amd64 (1.2, automatic)"
void add_packages(std::string_view list, const PackageEvent& event,
                  std::vector<PackageEvent>& events) {
  while (!list.empty()) {
    const auto open = list.find(" (");
    const auto close = list.find(')');
    if (open == list.npos || close == list.npos || close < open) {
      return;
    }
    const std::string_view package = trim(list.substr(0, open));
    const std::string_view versions = list.substr(open + 2, close - open - 2);
    if (is_of_driver(package)) {
      PackageEvent found = event;
      found.package = without_architecture(package);
      const auto comma = versions.find(", ");
      const std::string_view second = comma == versions.npos ? "" : versions.substr(comma + 2);
      found.version = second.empty() || second == "automatic" ? versions.substr(0, comma) : second;
      events.push_back(std::move(found));
    }
    list.remove_prefix(close + 1);
    list.remove_prefix(std::min(list.find_first_not_of(", "), list.size()));
  }
}

// The end of a log, from the first whole line on. Its line numbers count from there.
std::string tail_of(const std::string& path) {
  const auto fd = try_open(path, O_RDONLY);
  if (!fd) {
    return "";
  }
  const off_t size = ::lseek(fd->get(), 0, SEEK_END);
  ::lseek(fd->get(), std::max<off_t>(0, size - kMostBytes), SEEK_SET);
  auto bytes = read_all(fd->get(), kMostBytes);
  return bytes ? std::move(*bytes) : "";
}

}  // namespace

std::vector<PackageEvent> parse_dpkg_log(std::string_view text, const std::string& file) {
  std::vector<PackageEvent> events;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    // 2022-03-02 06:41:12 upgrade NAME:amd64 OLD NEW
    const auto words = split(line, ' ');
    if (words.size() < 6 || !is_of_driver(words[3]) ||
        (words[2] != "install" && words[2] != "upgrade" && words[2] != "remove")) {
      continue;
    }
    PackageEvent event;
    event.when = std::string(words[0]) + " " + std::string(words[1]);
    event.action = words[2];
    event.package = without_architecture(words[3]);
    event.version = words[2] == "remove" ? words[4] : words[5];
    event.source = file + ":" + std::to_string(number);
    events.push_back(std::move(event));
  }
  return events;
}

std::vector<PackageEvent> parse_apt_history(std::string_view text, const std::string& file) {
  std::vector<PackageEvent> events;
  std::string when, by;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    const auto colon = line.find(": ");
    const std::string_view key = line.substr(0, colon);
    const std::string_view value = colon == line.npos ? "" : trim(line.substr(colon + 2));
    if (key == "Start-Date") {
      const auto blank = value.find("  ");  // two of them
      when = std::string(value.substr(0, blank)) +
             (blank == value.npos ? "" : std::string(value.substr(blank + 1)));
      by.clear();
    } else if (key == "Commandline" && value.find("unattended-upgrade") != value.npos) {
      by = " (unattended)";
    } else if (key == "Install" || key == "Upgrade" || key == "Remove" || key == "Purge") {
      std::string action(key);
      action[0] = static_cast<char>(action[0] - 'A' + 'a');
      add_packages(value, {when, action + by, "", "", file + ":" + std::to_string(number)}, events);
    }
  }
  return events;
}

// Rotated logs are read while they are plain; the older ones are packed, and old news.
void read_history(const std::string& root, DriverFacts& facts) {
  for (const char* file : {"/var/log/apt/history.log.1", "/var/log/apt/history.log"}) {
    std::ranges::move(parse_apt_history(tail_of(root + file), file),
                      std::back_inserter(facts.history));
  }
  if (facts.history.empty()) {
    for (const char* file : {"/var/log/dpkg.log.1", "/var/log/dpkg.log"}) {
      std::ranges::move(parse_dpkg_log(tail_of(root + file), file),
                        std::back_inserter(facts.history));
    }
  }
  if (facts.history.size() > kMostEvents) {
    facts.history.erase(facts.history.begin(), facts.history.end() - kMostEvents);
  }
}

}  // namespace toolkit::gpu
