// Which libraries are looked into for GPU code, and in which order while the budget lasts: what a
// framework brings itself, then NVIDIA's libraries that it calls.
#include "elf.hpp"
#include "fatbin.hpp"
#include "parts.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace toolkit::gpu {
namespace {

using Clock = std::chrono::steady_clock;

// A library of 300 MB is a few milliseconds of headers when it lies in memory. From a cold disk it
// is one read a container, and who looks says until when.
constexpr std::uint64_t kMostRead = 256ULL << 20;
constexpr std::size_t kMostLibraries = 128;
constexpr std::uint64_t kSmallest = 16 << 10;

struct Known {
  std::string_view begins, part;
};
constexpr std::array kOfNvidia{Known{"libnccl", "nccl"},         Known{"libcublasLt", "cublas"},
                               Known{"libcublas", "cublas"},     Known{"libcusparse", "cusparse"},
                               Known{"libcusolver", "cusolver"}, Known{"libcurand", "curand"},
                               Known{"libcufft", "cufft"},       Known{"libcudnn", "cudnn"}};

class Scanner {
 public:
  Scanner(const Places& places, ScanBudget budget, ImageFacts& image)
      : places_(places), image_(image), budget_(std::move(budget)) {}

  void directory(const std::string& path, std::string_view part, std::string_view begins = "") {
    for (const std::string& name : places_.names(path)) {
      if (name.starts_with(begins) && name.find(".so") != std::string::npos) {
        library(path + "/" + name, part);
      }
    }
  }

  void of_nvidia(const std::string& path) {
    for (const std::string& name : places_.names(path)) {
      const auto known = std::ranges::find_if(
          kOfNvidia, [&](const Known& one) { return name.starts_with(one.begins); });
      if (known != kOfNvidia.end() && !library_name(name).empty()) {
        library(path + "/" + name, known->part);
      }
    }
  }

 private:
  // Each file once, whatever links to it.
  bool is_new(const std::string& path) {
    struct stat status {};
    if (stat(places_.real(path).c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
        static_cast<std::uint64_t>(status.st_size) < kSmallest) {
      return false;
    }
    const std::pair identity(status.st_dev, status.st_ino);
    if (std::ranges::find(seen_, identity) != seen_.end()) {
      return false;
    }
    seen_.push_back(identity);
    return true;
  }

  void library(const std::string& path, std::string_view part) {
    if (!is_new(path)) {
      return;
    }
    if (budget_.spent() || seen_.size() > kMostLibraries) {
      image_.not_scanned.push_back(path + ": no time left");
      return;
    }
    const auto file = FileBytes::open(places_.real(path));
    const auto elf = file ? read_elf(*file) : tl::unexpected(std::string("cannot be read"));
    if (!elf) {
      image_.not_scanned.push_back(path + ": " + elf.error());
      return;
    }
    FatbinContent content;
    bool any = false;
    for (const ElfSection& section : elf->sections) {
      if (section.name == ".nv_fatbin" || section.name == "__nv_relfatbin") {
        any = true;
        scan_fatbin(*file, section.offset, section.size, budget_, content);
      }
    }
    if (any) {
      image_.code.push_back(code_of(path, part, std::move(content)));
    }
  }

  static GpuCode code_of(const std::string& path, std::string_view part, FatbinContent content) {
    GpuCode code;
    code.path = path;
    code.part_of = part;
    code.sass.assign(content.sass.begin(), content.sass.end());
    code.ptx.assign(content.ptx.begin(), content.ptx.end());
    code.newest_ptx = std::move(content.newest_ptx);
    code.variants_unseen = content.variants_unseen;
    code.trouble = std::move(content.trouble);
    if (code.trouble.empty() && part == "cufft") {
      code.trouble = "it makes or keeps code elsewhere too";  // seen: one container in all of it
    }
    code.complete = code.trouble.empty();
    return code;
  }

  const Places& places_;
  ImageFacts& image_;
  ScanBudget budget_;
  std::vector<std::pair<dev_t, ino_t>> seen_;
};

bool has_own_code(const Framework& framework) {
  constexpr std::array<std::string_view, 5> kNames{"torch", "vllm", "xformers", "tensorflow",
                                                   "jax"};
  return std::ranges::find(kNames, framework.name) != kNames.end();
}

}  // namespace

void find_code(const CollectOptions& options, const Places& places, Clock::time_point until,
               ImageFacts& image) {
  Scanner scanner(places, {until, kMostRead, options.stopped}, image);
  for (const Framework& framework : image.frameworks) {
    if (has_own_code(framework)) {
      scanner.directory(framework.path + "/lib", framework.name);  // libtorch_cuda.so
      scanner.directory(framework.path, framework.name);           // vllm/_C.abi3.so
    }
    if (framework.name == "jax") {
      for (const std::string& plugin : places.names(framework.path)) {
        scanner.directory(framework.path + "/" + plugin, framework.name);
      }
    }
  }
  for (const std::string& packages : places.packages) {
    for (const std::string& directory : wheel_libraries(places, packages)) {
      scanner.of_nvidia(directory);
    }
    scanner.directory(packages, "flash_attn", "flash_attn");  // its module lies beside the package
  }
  for (const std::string& directory : places.libraries) {
    scanner.of_nvidia(directory);
  }
}

}  // namespace toolkit::gpu
