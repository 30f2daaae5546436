// The driver's files that programs load: where they lie, which of them the loader would take, and
// whether the container's runtime mounted them.
#include "links.hpp"
#include "loader_path.hpp"
#include "mounts.hpp"
#include "parts.hpp"
#include "proc_text.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>

namespace toolkit::gpu {
namespace {

// Those that carry the driver's version and that computing needs, as libnvidia-container names
// them.
constexpr auto kNames = std::to_array<std::string_view>(
    {"libcuda", "libcudadebugger", "libnvidia-ml", "libnvidia-cfg", "libnvidia-nscq",
     "libnvidia-opencl", "libnvidia-gpucomp", "libnvidia-ptxjitcompiler",
     "libnvidia-fatbinaryloader", "libnvidia-allocator", "libnvidia-compiler", "libnvidia-nvvm",
     "libnvidia-pkcs11", "libnvidia-pkcs11-openssl3", "libnvidia-tileiras", "libnvcuvid",
     "libnvidia-encode", "libnvidia-opticalflow"});

// Where runtimes and distributions put them besides.
constexpr auto kOtherPlaces = std::to_array<const char*>(
    {"/usr/local/nvidia/lib64", "/usr/local/nvidia/lib", "/.singularity.d/libs", "/usr/lib/wsl/lib",
     "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
     "/usr/lib/x86_64-linux-gnu/nvidia/current", "/usr/lib64/nvidia", "/opt/nvidia/lib64",
     "/run/nvidia/driver/usr/lib/x86_64-linux-gnu", "/run/nvidia/driver/usr/lib64",
     "/run/opengl-driver/lib", "/usr/local/cuda/compat"});

// "libcuda" of "libcuda.so.1"; "" for files of others.
std::string_view name_of(std::string_view file) {
  for (const std::string_view name : kNames) {
    const std::string_view rest = file.substr(std::min(name.size(), file.size()));
    if (file.starts_with(name) && (rest == ".so" || rest.starts_with(".so."))) {
      return name;
    }
  }
  return "";
}

std::string_view file_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// What is behind ".so.": "1" is what programs ask for, "550.90.07" the driver's version.
std::string_view suffix_of(std::string_view file) {
  const auto at = file.find(".so.");
  return at == file.npos ? "" : file.substr(at + 4);
}

// The loader passes over a library of another architecture and goes on; over nothing else.
bool is_foreign(const std::string& path) {
#if defined(__aarch64__)
  constexpr unsigned char kMachine = 183;
#else
  constexpr unsigned char kMachine = 62;
#endif
  const auto head = read_file(path, 20);
  return head && head->size() == 20 && head->starts_with("\177ELF") &&
         ((*head)[4] != 2 || static_cast<unsigned char>((*head)[18]) != kMachine ||
          (*head)[19] != 0);
}

class Scan {
 public:
  Scan(const CollectOptions& options, DriverFacts& facts) : root_(options.root), facts_(facts) {
    const auto variable = options.variables ? options.variables("LD_LIBRARY_PATH")
                                            : std::optional<std::string_view>();
    path_ = read_loader_path(root_, variable.value_or(""));
    facts_.loader = path_.loader;
    facts_.loader_cache = path_.cache.trouble;
    if (const auto text = read_kernel_file(root_ + "/proc/self/mountinfo")) {
      mounts_ = parse_mounts(*text);
    }
  }

  void run() {
    for (const auto* list : {&path_.first, &path_.last}) {
      for (const std::string& directory : *list) {
        look_into(directory, true);
      }
    }
    for (const CacheEntry& entry : path_.cache.entries) {
      if (!name_of(entry.soname).empty()) {
        look_into(directory_of(std::string(entry.path)), true);
      }
    }
    for (const char* directory : kOtherPlaces) {
      look_into(directory, false);
    }
    for (const std::string& name : sorted_entries(root_ + "/usr/local")) {
      if (name.starts_with("cuda-")) {
        look_into("/usr/local/" + name + "/compat", false);
      }
    }
    for (const std::string& soname : sonames_) {
      choose(soname);
    }
    judge_copies();
  }

 private:
  void look_into(const std::string& directory, bool on_path) {
    const Followed place = follow(root_, directory);
    if (!place.exists || !seen_.insert(place.path).second) {
      return;
    }
    for (const std::string& file : sorted_entries(root_ + place.path)) {
      if (name_of(file).empty()) {
        continue;
      }
      const Followed target = follow(root_, place.path + "/" + file);
      DriverLibrary* library = add(target, name_of(file));
      if (library == nullptr) {
        continue;
      }
      library->on_loader_path = library->on_loader_path || on_path;
      if (parse_whole(suffix_of(file))) {
        sonames_.insert(file);
        library->reached_by = library->reached_by.empty() ? chain_of(target) : library->reached_by;
      }
    }
  }

  // Null for one of another architecture. One that is not there is a link to nothing.
  DriverLibrary* add(const Followed& target, std::string_view name) {
    const auto known = std::ranges::find(facts_.libraries, target.path, &DriverLibrary::path);
    if (known != facts_.libraries.end()) {
      return &*known;
    }
    struct stat status {};
    const std::string real = root_ + target.path;
    const bool there = target.exists && ::stat(real.c_str(), &status) == 0;
    if (there && (!S_ISREG(status.st_mode) || is_foreign(real))) {
      return nullptr;
    }
    DriverLibrary& library = facts_.libraries.emplace_back();
    library.path = target.path;
    library.name = name;
    const std::string_view suffix = suffix_of(file_of(target.path));
    library.version = is_version(suffix) ? suffix : "";
    library.stub = target.path.find("/stubs/") != std::string::npos;
    library.compat = target.path.find("/compat/") != std::string::npos;
    if (there) {
      library.size = static_cast<std::uint64_t>(status.st_size);
    }
    if (const Mount* mount = mount_of(mounts_, target.path); mount != nullptr) {
      library.bind_mounted = mount->point != "/";
      library.mount_point = *library.bind_mounted ? mount->point : "";
      library.mount = *library.bind_mounted ? mount->line : "";
      // libnvidia-container mounts the image's own forward-compatibility files over its libraries.
      library.compat = library.compat || library.mount.find("/compat/") != std::string::npos;
    }
    return &library;
  }

  // The loader takes the first that it can open, and fails if that one is broken.
  void choose(const std::string& soname) {
    std::vector<std::string> candidates;
    for (const std::string& directory : path_.first) {
      candidates.push_back(directory + "/" + soname);
    }
    for (const CacheEntry& entry : path_.cache.entries) {
      if (entry.soname == soname && entry.hwcaps.empty()) {  // the driver has no such variants
        candidates.emplace_back(entry.path);
      }
    }
    for (const std::string& directory : path_.last) {
      candidates.push_back(directory + "/" + soname);
    }
    for (const std::string& candidate : candidates) {
      const Followed target = follow(root_, candidate);
      DriverLibrary* library = target.exists ? add(target, name_of(soname)) : nullptr;
      if (library != nullptr) {
        library->wins = library->on_loader_path = true;
        library->reached_by = chain_of(target);
        return;
      }
    }
  }

  void judge_copies() {
    if (facts_.proc_version.empty()) {
      return;
    }
    const Mount* mount = mount_of(mounts_, "/proc/driver/nvidia/version");
    if (mount != nullptr) {
      facts_.proc_copied = mount->type != "proc";
    }
  }

  const std::string& root_;
  DriverFacts& facts_;
  LoaderPath path_;
  std::vector<Mount> mounts_;
  std::set<std::string> seen_, sonames_;
};

}  // namespace

void read_libraries(const CollectOptions& options, DriverFacts& facts) {
  Scan(options, facts).run();
}

}  // namespace toolkit::gpu
