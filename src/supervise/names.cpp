#include "names.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/base/wall_clock.hpp>

#include <fmt/core.h>
#include <unistd.h>

namespace toolkit::supervise {
namespace {

std::string stem(std::string_view path) {
  path = path.substr(path.rfind('/') + 1);
  const auto dot = path.rfind('.');
  return std::string(dot == std::string_view::npos || dot == 0 ? path : path.substr(0, dot));
}

bool is_script(std::string_view word) {
  for (const std::string_view end : {".py", ".sh", ".pl", ".rb", ".lua", ".R", ".js", ".jar"}) {
    if (word.size() > end.size() && word.ends_with(end)) {
      return true;
    }
  }
  return false;
}

std::string safe(std::string name) {
  for (char& c : name) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
    c = fine ? c : '_';
  }
  const auto start = name.find_first_not_of(".-");
  name = start == std::string::npos ? "job" : name.substr(start);
  return name.substr(0, 48);  // room for "-4194304" within the 64 of job::check_name
}

std::optional<std::string> first_of(const environment::Snapshot& environment,
                                    std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const auto value = environment.get(name); value && !value->empty()) {
      return std::string(*value);
    }
  }
  return std::nullopt;
}

std::optional<std::string> node_of(const environment::Snapshot& environment) {
  return first_of(environment, {"NODE_RANK", "GROUP_RANK", "SLURM_NODEID"});
}

std::optional<std::string> value_of(std::string_view word, const TemplateValues& values) {
  if (word == "name") {
    return std::string(values.name);
  }
  if (word == "rank") {
    return rank_of(values.environment).value_or("0");
  }
  if (word == "-rank") {
    const auto rank = rank_of(values.environment);
    return rank ? "-" + *rank : "";
  }
  if (word == "local_rank") {
    return local_rank_of(values.environment).value_or("0");
  }
  if (word == "node") {
    const auto node = node_of(values.environment);
    return node ? *node : host_name();
  }
  if (word == "host") {
    return host_name();
  }
  if (word == "pid") {
    return std::to_string(::getpid());
  }
  if (word == "attempt") {
    return std::to_string(values.attempt);
  }
  if (word == "date") {
    return stamp_text(std::chrono::system_clock::now()).substr(0, 10);
  }
  return std::nullopt;
}

}  // namespace

std::string name_of_command(const std::vector<std::string>& argv) {
  for (std::size_t i = 1; i < argv.size(); ++i) {
    if (is_script(argv[i])) {
      return safe(stem(argv[i]));
    }
    if (argv[i] == "-m" && i + 1 < argv.size()) {
      return safe(argv[i + 1]);
    }
  }
  return safe(argv.empty() ? "job" : stem(argv.front()));
}

std::optional<std::string> rank_of(const environment::Snapshot& environment) {
  return first_of(environment,
                  {"RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"});
}

std::optional<std::string> local_rank_of(const environment::Snapshot& environment) {
  return first_of(environment,
                  {"LOCAL_RANK", "SLURM_LOCALID", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID"});
}

std::string host_name() {
  char buffer[256] = {};
  return ::gethostname(buffer, sizeof buffer - 1) == 0 ? buffer : "localhost";
}

Result<std::string> expand_template(std::string_view text, const TemplateValues& values) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) {
      break;
    }
    text.remove_prefix(open + 1);
    if (text.starts_with('{')) {
      out += '{';
      text.remove_prefix(1);
      continue;
    }
    const auto close = text.find('}');
    const std::string_view word = text.substr(0, close);
    const auto value = close == std::string_view::npos ? std::nullopt : value_of(word, values);
    if (!value) {
      return fail(ErrorKind::usage, fmt::format("'{{{}' is no placeholder", printable(word)),
                  "{name} {rank} {-rank} {local_rank} {node} {host} {pid} {attempt} {date}, {{ for "
                  "a brace");
    }
    out += *value;
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace toolkit::supervise
