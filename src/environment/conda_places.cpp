#include "conda_places.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace toolkit::environment {
namespace {

// Where installers and images put it: Anaconda's and Miniforge's installers, docker images of
// conda-forge, continuumio and NVIDIA, and the older Mambaforge.
constexpr std::string_view kUsualRoots[] = {"/opt/conda",     "/opt/miniconda3", "/opt/miniconda",
                                            "/opt/anaconda3", "/opt/miniforge3", "/opt/mambaforge",
                                            "~/miniconda3",   "~/miniconda",     "~/anaconda3",
                                            "~/miniforge3",   "~/mambaforge",    "~/micromamba"};

std::string variable(const Snapshot& environment, std::string_view name) {
  return std::string(environment.get(name).value_or(""));
}

// ~ is the environment's HOME: the child's, not whatever this process started with.
std::string expand_home(std::string_view path, const std::string& home) {
  return path.starts_with('~') ? home + std::string(path.substr(1)) : std::string(path);
}

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) {
    path.pop_back();
  }
  return path;
}

void add_once(std::vector<std::string>& paths, std::string path) {
  path = without_trailing_slashes(std::move(path));
  if (!path.empty() && std::ranges::find(paths, path) == paths.end()) {
    paths.push_back(std::move(path));
  }
}

// ROOT/envs/NAME belongs to ROOT; an active `base` is the root itself.
void add_roots_of_active(std::vector<std::string>& roots, const std::string& prefix) {
  const std::string parent = parent_of(prefix);
  if (parent.ends_with("/envs")) {
    add_once(roots, parent_of(parent));
  } else if (is_directory(prefix + "/condabin")) {
    add_once(roots, prefix);
  }
}

void add_roots_in_path(std::vector<std::string>& roots, const std::string& search_path) {
  for (const std::string_view directory : split(search_path, ':')) {
    const bool candidate = directory.ends_with("/condabin") || directory.ends_with("/bin");
    if (candidate && ::access((std::string(directory) + "/conda").c_str(), X_OK) == 0) {
      add_once(roots, parent_of(directory));
    }
  }
}

std::vector<std::string> environment_folders(const Snapshot& environment,
                                             const std::vector<std::string>& roots) {
  std::vector<std::string> folders;
  const std::string home = variable(environment, "HOME");
  for (const std::string_view name : {"CONDA_ENVS_DIRS", "CONDA_ENVS_PATH"}) {
    for (const std::string_view folder : split(environment.get(name).value_or(""), ':')) {
      add_once(folders, expand_home(folder, home));
    }
  }
  for (const std::string& root : roots) {
    add_once(folders, root + "/envs");
  }
  add_once(folders, home + "/.conda/envs");
  return folders;
}

}  // namespace

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_conda_environment(const std::string& prefix) {
  return is_directory(prefix + "/conda-meta");
}

std::string parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(path.substr(0, slash == std::string_view::npos ? 0 : slash));
}

std::vector<std::string> conda_roots(const Snapshot& environment) {
  std::vector<std::string> roots;
  add_once(roots, variable(environment, "CONDA_ROOT"));
  add_once(roots, variable(environment, "_CONDA_ROOT"));
  add_once(roots, parent_of(parent_of(variable(environment, "CONDA_EXE"))));
  add_once(roots, variable(environment, "MAMBA_ROOT_PREFIX"));
  add_roots_of_active(roots, variable(environment, "CONDA_PREFIX"));
  add_roots_in_path(roots, variable(environment, "PATH"));
  for (const std::string_view usual : kUsualRoots) {
    add_once(roots, expand_home(usual, variable(environment, "HOME")));
  }
  std::erase_if(roots, [](const std::string& root) { return !is_conda_environment(root); });
  return roots;
}

std::vector<CondaEnvironment> conda_environments(const Snapshot& environment) {
  std::vector<CondaEnvironment> found;
  const auto add = [&](std::string name, const std::string& prefix) {
    if (is_conda_environment(prefix)) {
      found.push_back({std::move(name), prefix});
    }
  };
  const std::vector<std::string> roots = conda_roots(environment);
  for (const std::string& root : roots) {
    add("base", root);
  }
  for (const std::string& folder : environment_folders(environment, roots)) {
    for (const std::string& name : sorted_entries(folder)) {
      add(name, folder + "/" + name);
    }
  }
  const auto listed = read_file(variable(environment, "HOME") + "/.conda/environments.txt");
  for (const std::string_view line :
       split(listed ? std::string_view(*listed) : std::string_view(), '\n')) {
    const std::string prefix = without_trailing_slashes(std::string(trim(line)));
    const bool known =
        std::ranges::any_of(found, [&](const auto& other) { return other.prefix == prefix; });
    if (prefix.starts_with('/') && !known) {
      add(prefix.substr(prefix.rfind('/') + 1), prefix);
    }
  }
  return found;
}

}  // namespace toolkit::environment
