#include "conda_places.hpp"
#include "conda_variables.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/environment/conda.hpp>

#include <fmt/format.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>

namespace toolkit::environment {
namespace {

Result<std::string> absolute(const std::string& path) {
  std::string whole = path;
  if (!path.starts_with('/')) {
    char here[PATH_MAX];
    if (::getcwd(here, sizeof here) == nullptr) {
      return fail_errno("cannot tell the working directory", errno);
    }
    whole = std::string(here) + "/" + path;
  }
  while (whole.size() > 1 && whole.ends_with('/')) {
    whole.pop_back();
  }
  return whole;
}

Error unknown_environment(const std::string& name, const std::vector<CondaEnvironment>& known) {
  if (known.empty()) {
    return {
        ErrorKind::not_found,
        fmt::format("no conda environment '{}': no conda installation was found", printable(name)),
        "set CONDA_ROOT to its directory, or give the environment's own directory"};
  }
  std::vector<std::string_view> names;
  std::string list;
  for (const CondaEnvironment& other : known) {
    if (std::ranges::find(names, other.name) == names.end()) {
      list += (names.empty() ? "" : ", ") + other.name;
      names.push_back(other.name);
    }
  }
  const std::string_view close = nearest(name, names);
  return {ErrorKind::not_found, fmt::format("no conda environment '{}'", printable(name)),
          close.empty() ? fmt::format("one of: {}", list)
                        : fmt::format("did you mean {}? There are: {}", close, list)};
}

std::string environment_name(const std::string& prefix, const std::vector<std::string>& roots) {
  if (std::ranges::find(roots, prefix) != roots.end() || is_directory(prefix + "/condabin")) {
    return "base";
  }
  const std::string parent = parent_of(prefix);
  return parent == "envs" || parent.ends_with("/envs") ? prefix.substr(parent.size() + 1) : prefix;
}

// The installation that an environment belongs to.
std::string root_of(const std::string& prefix, const std::vector<std::string>& roots) {
  for (const std::string& root : roots) {
    if (prefix == root || prefix.starts_with(root + "/envs/")) {
      return root;
    }
  }
  return roots.empty() ? "" : roots.front();
}

// PATH with PREFIX/bin before everything, or in the place of the active environment's. The first
// activation adds condabin too, so that `conda` is found below.
std::string path_with(const std::string& prefix, const std::string& active, const std::string& root,
                      std::string_view path) {
  std::vector<std::string> entries;
  if (!path.empty()) {  // "PREFIX/bin:" would mean the working directory too
    for (const std::string_view entry : split(path, ':')) {
      entries.emplace_back(entry);
    }
  }
  auto place = entries.begin();
  if (!active.empty()) {
    const auto old = std::ranges::find(entries, active + "/bin");
    place = old == entries.end() ? entries.begin() : entries.erase(old);
  } else if (is_directory(root + "/condabin") &&
             std::ranges::none_of(entries,
                                  [](const auto& entry) { return entry.ends_with("condabin"); })) {
    place = entries.insert(place, root + "/condabin");
  }
  entries.insert(place, prefix + "/bin");
  return fmt::format("{}", fmt::join(entries, ":"));
}

int shell_level(const Snapshot& environment) {
  const auto level = parse_whole(trim(environment.get("CONDA_SHLVL").value_or("")));
  return level && *level < 1000 ? static_cast<int>(*level) : 0;
}

void set_installation(const std::string& root, Snapshot& environment) {
  if (::access((root + "/bin/conda").c_str(), X_OK) == 0) {
    environment.set("CONDA_EXE", root + "/bin/conda");
    environment.set("CONDA_PYTHON_EXE", root + "/bin/python");
  }
}

}  // namespace

Result<std::string> find_conda_environment(const std::string& name, const Snapshot& environment) {
  if (name.find('/') != std::string::npos) {
    TRY_ASSIGN(std::string prefix, absolute(name));
    if (!is_conda_environment(prefix)) {
      return fail(ErrorKind::not_found, fmt::format("{} is not a conda environment", prefix),
                  "give a directory that has conda-meta in it, or the environment's name");
    }
    return prefix;
  }
  const std::vector<CondaEnvironment> known = conda_environments(environment);
  const std::string_view wanted =
      name == "root" ? "base" : std::string_view(name);  // conda's older word
  for (const CondaEnvironment& candidate : known) {
    if (candidate.name == wanted) {
      return candidate.prefix;
    }
  }
  return Failure(unknown_environment(name, known));
}

Result<std::vector<std::string>> activate_conda(const std::string& prefix, Snapshot& environment) {
  TRY_ASSIGN(const auto variables, read_conda_variables(prefix));
  const std::vector<std::string> roots = conda_roots(environment);
  const int level = shell_level(environment);
  const std::string active(level > 0 ? environment.get("CONDA_PREFIX").value_or("") : "");
  const std::string name = environment_name(prefix, roots);
  const std::string root = root_of(prefix, roots);
  environment.set("PATH",
                  path_with(prefix, active, root, environment.get("PATH").value_or("/usr/bin")));
  for (const auto& [key, value] : variables) {
    if (const auto old = environment.get(key); old && active != prefix) {
      // What `conda deactivate` in a shell below restores.
      environment.set(fmt::format("__CONDA_SHLVL_{}_{}", level, key), std::string(*old));
    }
    environment.set(key, value);
  }
  if (active != prefix) {
    if (!active.empty()) {
      environment.set(fmt::format("CONDA_PREFIX_{}", level), active);
    }
    environment.set("CONDA_SHLVL", fmt::format("{}", level + 1));
  }
  environment.set("CONDA_PREFIX", prefix);
  environment.set("CONDA_DEFAULT_ENV", name);
  environment.set("CONDA_PROMPT_MODIFIER", fmt::format("({}) ", name));
  set_installation(root, environment);
  return activation_scripts(prefix);
}

}  // namespace toolkit::environment
