// The libraries that frameworks cannot do without: those that they are linked with, those that
// TensorFlow opens by name; and links in CUDA's directories that lead nowhere.
#include "elf.hpp"
#include "parts.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace toolkit::gpu {
namespace {

constexpr std::size_t kMostReported = 64;

// What TensorFlow's dso_loader opens, beside cuDNN, whose version is not that of CUDA.
constexpr std::array<std::string_view, 7> kOpenedByName{
    "libcudart", "libcublas", "libcufft", "libcurand", "libcusolver", "libcusparse", "libcupti"};

// Of CUDA's, but not the driver's: libcuda comes from the host.
bool is_of_cuda(std::string_view soname) {
  constexpr std::array<std::string_view, 6> kBegins{"libcu",         "libnvrtc", "libnvJitLink",
                                                    "libnvToolsExt", "libnccl",  "libnvshmem"};
  return library_name(soname) != "libcuda" &&
         std::ranges::any_of(kBegins,
                             [&](std::string_view begin) { return soname.starts_with(begin); });
}

class Search {
 public:
  explicit Search(const Places& places) : places_(places) {}

  void want(const std::string& soname, const std::string& by,
            const std::vector<std::string>& first) {
    const bool known = std::ranges::any_of(expected_, [&](const ExpectedLibrary& library) {
      return library.soname == soname && library.wanted_by == by;
    });
    if (known || expected_.size() >= kMostReported) {
      return;
    }
    ExpectedLibrary library{soname, by, "", false, ""};
    for (const auto* directories : {&first, &places_.libraries}) {
      for (const std::string& directory : *directories) {
        look(directory, library);
        if (!library.found.empty()) {
          break;
        }
      }
      if (!library.found.empty()) {
        break;
      }
    }
    expected_.push_back(std::move(library));
  }

  void links_to_nothing(const std::string& directory) {
    for (const std::string& name : places_.names(directory)) {
      const std::string path = places_.real(directory + "/" + name);
      struct stat status {};
      if (expected_.size() < kMostReported && is_of_cuda(name) &&
          lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode) &&
          stat(path.c_str(), &status) != 0) {
        expected_.push_back({name, "", directory + "/" + name, true, ""});
      }
    }
  }

  std::vector<ExpectedLibrary> take() { return std::move(expected_); }

 private:
  void look(const std::string& directory, ExpectedLibrary& library) const {
    const std::string path = directory + "/" + library.soname;
    if (places_.is_file(path)) {
      library.found = path;
    } else if (library.near.empty()) {
      library.near = another_version(directory, library.soname);
    }
  }

  [[nodiscard]] std::string another_version(const std::string& directory,
                                            std::string_view soname) const {
    for (const std::string& name : places_.names(directory)) {
      if (library_name(name) == library_name(soname) && !library_version(name).empty() &&
          places_.is_file(directory + "/" + name)) {
        return directory + "/" + name;
      }
    }
    return "";
  }

  const Places& places_;
  std::vector<ExpectedLibrary> expected_;
};

std::string packages_of(const Framework& framework) {
  const std::size_t slash = framework.path.rfind('/');
  return framework.path.ends_with("-packages") ? framework.path : framework.path.substr(0, slash);
}

// PyTorch's own libraries find each other and NVIDIA's wheels by their RUNPATH.
void want_linked(const Places& places, const Framework& framework, Search& search) {
  const std::string lib = framework.path + "/lib";
  std::vector<std::string> first = wheel_libraries(places, packages_of(framework));
  first.insert(first.begin(), lib);
  for (const std::string& name : places.names(lib)) {
    const bool ours = name.starts_with("libtorch") || name.starts_with("libc10_cuda");
    const auto file =
        ours ? FileBytes::open(places.real(lib + "/" + name)) : tl::unexpected(ENOENT);
    const auto elf = file ? read_elf(*file) : tl::unexpected(std::string());
    if (!elf) {
      continue;
    }
    for (const std::string& soname : needed_libraries(*file, *elf)) {
      if (is_of_cuda(soname)) {
        search.want(soname, framework.name, first);
      }
    }
  }
}

void want_named(const Places& places, const Framework& framework, const Tables& tables,
                Search& search) {
  if (framework.cuda.empty()) {
    return;
  }
  for (const std::string_view library : kOpenedByName) {
    if (const std::string_view soname = tables.soname(library, framework.cuda); !soname.empty()) {
      search.want(std::string(soname), framework.name,
                  wheel_libraries(places, packages_of(framework)));
    }
  }
}

}  // namespace

std::vector<ExpectedLibrary> find_libraries(const Places& places,
                                            const std::vector<Framework>& frameworks,
                                            const Tables& tables) {
  Search search(places);
  for (const Framework& framework : frameworks) {
    if (framework.name == "torch") {
      want_linked(places, framework, search);
    } else if (framework.name == "tensorflow") {
      want_named(places, framework, tables, search);
    }
  }
  for (const std::string& directory : places.libraries) {
    search.links_to_nothing(directory);
  }
  return search.take();
}

}  // namespace toolkit::gpu
