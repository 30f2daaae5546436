#include "search.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <optional>

namespace toolkit::gpu {
namespace {

constexpr std::size_t kMostPlaces = 64;  // of one kind

// Each directory once, whatever it is called: /usr/local/cuda links to /usr/local/cuda-12.4.
class Collected {
 public:
  explicit Collected(const Places& places, std::vector<std::string>& into)
      : places_(places), into_(into) {}

  void add(std::string path) {
    struct stat status {};
    if (into_.size() >= kMostPlaces || path.empty() || path[0] != '/' ||
        stat(places_.real(path).c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
      return;
    }
    const std::pair identity(status.st_dev, status.st_ino);
    if (std::ranges::find(seen_, identity) == seen_.end()) {
      seen_.push_back(identity);
      into_.push_back(std::move(path));
    }
  }

 private:
  const Places& places_;
  std::vector<std::string>& into_;
  std::vector<std::pair<dev_t, ino_t>> seen_;
};

std::string variable(const CollectOptions& options, std::string_view name) {
  const auto value = options.variables ? options.variables(name) : std::nullopt;
  return value ? std::string(*value) : "";
}

void add_toolkits(const CollectOptions& options, const Places& places, Collected into) {
  for (const std::string_view name : {"CUDA_HOME", "CUDA_PATH"}) {
    into.add(variable(options, name));
  }
  for (const std::string& name : places.names("/usr/local")) {
    if (name.starts_with("cuda")) {
      into.add("/usr/local/" + name);
    }
  }
  into.add("/opt/cuda");
}

// Below PREFIX/lib: python3.11/site-packages, python3/dist-packages.
void add_packages_of(const std::string& prefix, const Places& places, Collected& into) {
  for (const std::string& name : places.names(prefix + "/lib")) {
    if (name.starts_with("python3")) {
      into.add(prefix + "/lib/" + name + "/site-packages");
      into.add(prefix + "/lib/" + name + "/dist-packages");
    }
  }
}

void add_packages(const CollectOptions& options, const Places& places, Collected into) {
  const std::string python = variable(options, "PYTHONPATH"), path = variable(options, "PATH");
  for (const std::string_view entry : split(python, ':')) {
    into.add(std::string(entry));
  }
  std::vector<std::string> prefixes{variable(options, "VIRTUAL_ENV"),
                                    variable(options, "CONDA_PREFIX")};
  for (const std::string_view entry : split(path, ':')) {
    if (entry.ends_with("/bin")) {
      prefixes.emplace_back(entry.substr(0, entry.size() - 4));
    }
  }
  for (const char* const usual : {"/usr/local", "/usr", "/opt/conda", "/opt/venv"}) {
    prefixes.emplace_back(usual);
  }
  for (const std::string& prefix : prefixes) {
    if (!prefix.empty()) {
      add_packages_of(prefix, places, into);
    }
  }
}

void add_loader_lines(const Places& places, Collected& into) {
  for (const std::string& name : places.names("/etc/ld.so.conf.d")) {
    const auto text = read_file(places.real("/etc/ld.so.conf.d/" + name), 64 << 10);
    for (const std::string_view line : split(text ? std::string_view(*text) : "", '\n')) {
      into.add(std::string(trim(line)));
    }
  }
}

void add_libraries(const CollectOptions& options, const Places& places, Collected into) {
  const std::string first = variable(options, "LD_LIBRARY_PATH");
  for (const std::string_view entry : split(first, ':')) {
    into.add(std::string(entry));
  }
  for (const std::string& toolkit : places.toolkits) {
    for (const char* const below : {"/lib64", "/lib", "/extras/CUPTI/lib64"}) {
      into.add(toolkit + below);
    }
    for (const std::string& target : places.names(toolkit + "/targets")) {
      into.add(toolkit + "/targets/" + target + "/lib");
    }
  }
  add_loader_lines(places, into);
  for (const char* const usual : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
                                  "/usr/lib64", "/usr/local/lib", "/usr/lib", "/opt/conda/lib"}) {
    into.add(usual);
  }
  if (const std::string conda = variable(options, "CONDA_PREFIX"); !conda.empty()) {
    into.add(conda + "/lib");
  }
}

}  // namespace

std::vector<std::string> Places::names(std::string_view directory) const {
  return sorted_entries(real(directory));
}

bool Places::is_file(std::string_view path) const {
  struct stat status {};
  return stat(real(path).c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

Places find_places(const CollectOptions& options) {
  Places places;
  places.root = options.root;
  add_toolkits(options, places, Collected(places, places.toolkits));
  add_packages(options, places, Collected(places, places.packages));
  add_libraries(options, places, Collected(places, places.libraries));
  return places;
}

std::vector<std::string> wheel_libraries(const Places& places, std::string_view packages) {
  const std::string base = std::string(packages) + "/nvidia";
  std::vector<std::string> directories;
  for (const std::string& name : places.names(base)) {
    directories.push_back(base + "/" + name + "/lib");
  }
  return directories;
}

std::string_view library_name(std::string_view file) {
  const std::size_t at = file.find(".so");
  const bool shared = file.starts_with("lib") && at != std::string_view::npos &&
                      (at + 3 == file.size() || file[at + 3] == '.');
  return shared ? file.substr(0, at) : std::string_view();
}

std::string_view library_version(std::string_view file) {
  const std::size_t at = file.find(".so.");
  return at == std::string_view::npos ? std::string_view() : file.substr(at + 4);
}

}  // namespace toolkit::gpu
