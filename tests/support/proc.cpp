#include <tests/support/proc.hpp>
#include <tests/support/temp_dir.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <unordered_map>

namespace toolkit::support {

namespace {
std::string proc_file(pid_t pid, const char* name) {
  return read_file_or_empty("/proc/" + std::to_string(pid) + "/" + name);
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> result;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (std::isdigit(static_cast<unsigned char>(name[0])) != 0) {
      result.push_back(std::atoi(name.c_str()));
    }
  }
  return result;
}

// /proc/PID/stat after the name, which may hold spaces and parentheses: state, parent, ...
std::istringstream stat_after_name(pid_t pid) {
  const std::string stat = proc_file(pid, "stat");
  const auto close = stat.rfind(')');
  return std::istringstream(close == std::string::npos ? std::string() : stat.substr(close + 1));
}

pid_t parent_of(pid_t pid) {
  char state = 0;
  pid_t parent = 0;
  stat_after_name(pid) >> state >> parent;
  return parent;
}
}  // namespace

char process_state(pid_t pid) {
  char state = '-';
  stat_after_name(pid) >> state;
  return state;
}

bool is_alive(pid_t pid) {
  const char state = process_state(pid);
  return state != '-' && state != 'Z' && state != 'X';
}

std::string status_field(pid_t pid, const std::string& name) {
  std::istringstream lines(proc_file(pid, "status"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + ":")) {
      const auto start = line.find_first_not_of(" \t", name.size() + 1);
      return start == std::string::npos ? "" : line.substr(start);
    }
  }
  return "";
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> result;
  for (const pid_t candidate : all_processes()) {
    if (parent_of(candidate) == pid) {
      result.push_back(candidate);
    }
  }
  return result;
}

std::vector<pid_t> descendants_of(pid_t pid) {
  std::unordered_map<pid_t, std::vector<pid_t>> children;
  for (const pid_t candidate : all_processes()) {
    children[parent_of(candidate)].push_back(candidate);
  }
  std::vector<pid_t> result = children[pid];
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::vector<pid_t> below = children[result[i]];
    result.insert(result.end(), below.begin(), below.end());
  }
  return result;
}

std::vector<pid_t> processes_with_argument(const std::string& text) {
  std::vector<pid_t> result;
  for (const pid_t pid : all_processes()) {
    const std::string arguments = '\0' + proc_file(pid, "cmdline");
    if (arguments.find('\0' + text + '\0') != std::string::npos) {
      result.push_back(pid);
    }
  }
  return result;
}

}  // namespace toolkit::support
