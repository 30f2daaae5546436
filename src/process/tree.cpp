#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/process/tree.hpp>

#include <dirent.h>
#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <map>

namespace toolkit::process {
namespace {

template <typename T>
T number_or_zero(std::string_view text) {
  return static_cast<T>(parse_whole(text).value_or(0));
}

// proc(5), /proc/PID/stat: "pid (comm) state ppid pgrp session …". comm may hold spaces and
// parentheses, so the fields begin behind the last ')'.
ProcessInfo parse_stat(std::string_view stat) {
  const auto open = stat.find('(');
  const auto close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos ||
      close + 2 >= stat.size()) {
    return {};
  }
  const auto fields = split(stat.substr(close + 2), ' ');
  if (fields.size() < 20) {
    return {};
  }
  ProcessInfo info;
  info.pid = number_or_zero<pid_t>(trim(stat.substr(0, open)));
  info.name = stat.substr(open + 1, close - open - 1);
  info.state = fields[0].empty() ? '?' : fields[0][0];
  info.parent = number_or_zero<pid_t>(fields[1]);
  info.group = number_or_zero<pid_t>(fields[2]);
  info.session = number_or_zero<pid_t>(fields[3]);
  info.cpu_ticks =
      number_or_zero<std::uint64_t>(fields[11]) + number_or_zero<std::uint64_t>(fields[12]);
  info.start_ticks = number_or_zero<std::uint64_t>(fields[19]);
  return info;
}

// The entries of /proc, or of a process's task, that are process or thread numbers.
std::vector<pid_t> numbers_in(const std::string& path) {
  std::vector<pid_t> numbers;
  DIR* directory = ::opendir(path.c_str());
  while (const dirent* entry = directory != nullptr ? ::readdir(directory) : nullptr) {
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') {
      numbers.push_back(number_or_zero<pid_t>(entry->d_name));
    }
  }
  if (directory != nullptr) {
    ::closedir(directory);
  }
  return numbers;
}

std::vector<ProcessInfo> every_process() {
  std::vector<ProcessInfo> all;
  for (const pid_t pid : numbers_in("/proc")) {
    if (ProcessInfo info = process_info(pid); info.pid != 0) {
      all.push_back(std::move(info));
    }
  }
  return all;
}

}  // namespace

ProcessInfo process_info(pid_t pid) {
  const auto stat = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  return stat ? parse_stat(*stat) : ProcessInfo{};
}

std::vector<ProcessInfo> descendants(pid_t root) {
  std::multimap<pid_t, ProcessInfo> by_parent;
  for (ProcessInfo& info : every_process()) {
    const pid_t parent = info.parent;
    by_parent.emplace(parent, std::move(info));
  }
  std::vector<ProcessInfo> found;
  std::vector<pid_t> parents{root};
  for (std::size_t i = 0; i < parents.size(); ++i) {
    const auto [first, last] = by_parent.equal_range(parents[i]);
    for (auto child = first; child != last; ++child) {
      parents.push_back(child->second.pid);
      found.push_back(child->second);
    }
  }
  return found;
}

bool wants_processor(pid_t root) {
  for (const ProcessInfo& info : descendants(root)) {
    const std::string tasks = "/proc/" + std::to_string(info.pid) + "/task";
    for (const pid_t thread : numbers_in(tasks)) {
      const auto stat = read_file(tasks + "/" + std::to_string(thread) + "/stat", 4096);
      if (stat && parse_stat(*stat).state == 'R') {
        return true;
      }
    }
  }
  return false;
}

int kill_descendants() {
  if (::getpid() == 1) {
    // kill(2): every process of the PID namespace but ourselves, forks in flight included.
    return ::kill(-1, SIGKILL) == 0 ? 1 : 0;
  }
  int signalled = 0;
  for (const ProcessInfo& info : descendants(::getpid())) {
    if (info.state != 'Z' && ::kill(info.pid, SIGKILL) == 0) {
      ++signalled;
    }
  }
  return signalled;
}

std::vector<std::string> describe_stacks(pid_t root) {
  std::vector<ProcessInfo> tree = descendants(root);
  tree.insert(tree.begin(), process_info(root));
  std::vector<std::string> lines;
  for (const ProcessInfo& info : tree) {
    if (info.pid == 0 || info.state == 'Z') {
      continue;
    }
    const std::string base = "/proc/" + std::to_string(info.pid) + "/";
    const auto text = [&](const char* name) {
      return std::string(trim(read_file(base + name, 4096).value_or("")));
    };
    std::string stack = text("stack");
    std::ranges::replace(stack, '\n', ' ');
    const std::string wchan = text("wchan");
    lines.push_back(fmt::format("pid {} ({}) state {} wchan {} syscall {}{}{}", info.pid,
                                printable(info.name), info.state, wchan.empty() ? "?" : wchan,
                                text("syscall"), stack.empty() ? "" : " stack ", stack));
  }
  return lines;
}

}  // namespace toolkit::process
