// The driver's libraries against its kernel module, and against the loader.
#include "driver_files.hpp"
#include "nvidia.hpp"
#include "rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace toolkit::diagnosis {
namespace {

using gpu::DriverFacts;
using gpu::DriverLibrary;

constexpr auto kMain = std::to_array<std::string_view>({"libcuda", "libnvidia-ml"});
// What libcuda loads by itself, of its own version.
constexpr auto kHelpers = std::to_array<std::string_view>(
    {"libnvidia-ptxjitcompiler", "libnvidia-nvvm", "libnvidia-gpucomp", "libcudadebugger"});
constexpr int kStubLibrary = 34;  // CUDA_ERROR_STUB_LIBRARY

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// A file of the driver that is broken by itself, whatever its version.
std::optional<Finding> judge_file(const gpu::Facts& facts, const DriverLibrary& library) {
  if (library.size == 0) {
    return with_variant(
        fail(
            Owner::image,
            library.path + " is an empty file, left from building the image under NVIDIA's runtime",
            "build the image with the plain runtime (runc), or delete the empty files in the "
            "Dockerfile's last step",
            {described(library)}),
        "zero_byte");
  }
  if (library.stub || (library.name == "libcuda" && facts.probes.cuda.init_error == kStubLibrary)) {
    const auto it = facts.place.variables.find("LD_LIBRARY_PATH");
    const bool by_variable =
        it != facts.place.variables.end() && it->second.find("/stubs") != std::string::npos;
    std::vector<std::string> evidence{described(library)};
    if (by_variable) {
      evidence.push_back("LD_LIBRARY_PATH=" + it->second);
    }
    return with_variant(
        fail(by_variable ? Owner::user : Owner::image,
             fmt::format("the loader takes the stub of {}, which is there for linking only",
                         library.name),
             "take the directory `stubs` out of LD_LIBRARY_PATH and of /etc/ld.so.conf.d",
             std::move(evidence)),
        "stub");
  }
  return std::nullopt;
}

// The loader finds none of this name. Nothing when that is no trouble.
std::optional<Finding> judge_absence(const gpu::Facts& facts, std::string_view name) {
  const DriverFacts& driver = facts.driver;
  const DriverLibrary* there = usable_elsewhere(driver, name);
  if (there != nullptr && driver.loader == "musl") {
    return with_variant(
        fail(Owner::image,
             fmt::format("the image's loader is musl's: it does not look in {}, and the driver's "
                         "libraries are built for glibc",
                         directory_of(there->path)),
             "take an image with glibc (Debian, Ubuntu, UBI)", {described(*there)}),
        "musl");
  }
  if (there != nullptr) {
    std::vector<std::string> evidence{described(*there)};
    if (!driver.loader_cache.empty()) {
      evidence.push_back(driver.loader_cache);
    }
    return with_variant(
        fail(Owner::runtime, fmt::format("{} is here, where the loader does not look", there->path),
             fmt::format("export LD_LIBRARY_PATH={}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}} (or let "
                         "ldconfig run when the container starts)",
                         directory_of(there->path)),
             std::move(evidence)),
        "not_found");
  }
  const auto dangling = std::ranges::find_if(driver.libraries, [&](const DriverLibrary& library) {
    return library.name == name && !library.size && library.on_loader_path;
  });
  if (dangling != driver.libraries.end()) {
    return with_variant(
        fail(Owner::image,
             fmt::format("a link leads to {}, which is not there: left from a driver that was in "
                         "the image",
                         dangling->path),
             "remove the link from the image, and start it with the GPUs' driver injected",
             {described(*dangling)}),
        "dangling");
  }
  return std::nullopt;
}

// One driver's libcuda with another driver's helpers.
std::optional<Finding> judge_set(const gpu::Facts& facts, const DriverLibrary& cuda) {
  const DriverFacts& driver = facts.driver;
  bool compiler = false;
  for (const DriverLibrary& helper : driver.libraries) {
    const bool is_helper =
        std::ranges::find(kHelpers, helper.name) != kHelpers.end() && helper.on_loader_path;
    const bool taken = helper.wins || winner(driver, helper.name) == nullptr;
    compiler = compiler || (is_helper && helper.name == kHelpers[0] && helper.size.value_or(0) > 0);
    if (!is_helper || !taken || helper.version.empty() || helper.version == cuda.version) {
      continue;
    }
    const bool own = std::ranges::any_of(driver.libraries, [&](const DriverLibrary& other) {
      return !helper.wins && other.name == helper.name && other.version == cuda.version;
    });
    if (own) {
      continue;  // loaded by its full name, and the right one is there too
    }
    const bool of_image = helper.bind_mounted == false && in_container(facts);
    return with_variant(
        fail(of_image              ? Owner::image
             : in_container(facts) ? Owner::runtime
                                   : Owner::node,
             fmt::format("the driver's files are of several versions: libcuda {}, {} {}",
                         cuda.version, helper.name, helper.version),
             of_image ? "remove the driver's packages from the Dockerfile: the runtime brings the "
                        "node's"
                      : "install or mount all of the driver's files of one version",
             {described(cuda), described(helper)}),
        "partial");
  }
  if (!compiler) {
    return with_variant(
        warn(in_container(facts) ? Owner::runtime : Owner::node,
             "libnvidia-ptxjitcompiler is not with libcuda: code that has only PTX for this GPU "
             "fails with error 221",
             "mount it too: NVIDIA_DRIVER_CAPABILITIES=compute,utility, or all files of the driver",
             {described(cuda), "no libnvidia-ptxjitcompiler.so on the loader's path"}),
        "no_jit");
  }
  return std::nullopt;
}

// What is right now and will not stay so.
std::optional<Finding> judge_company(const DriverFacts& driver, const DriverLibrary& library) {
  if (const auto others = rivals(driver, library); !others.empty()) {
    std::vector<std::string> evidence{described(library)};
    for (const DriverLibrary* other : others) {
      evidence.push_back(described(*other));
    }
    return with_variant(
        warn(others[0]->bind_mounted == false ? Owner::image : Owner::runtime,
             fmt::format("{} is here in {} versions: the next ldconfig may choose the other one",
                         library.name, others.size() + 1),
             fmt::format("remove {}", others[0]->path), std::move(evidence)),
        "several");
  }
  for (const DriverLibrary& other : driver.libraries) {
    if (other.name == library.name && other.on_loader_path && other.size == 0) {
      return with_variant(
          warn(
              Owner::image,
              other.path + " is an empty file, left from building the image under NVIDIA's runtime",
              "build the image with the plain runtime (runc), or delete the empty files",
              {described(other)}),
          "zero_byte");
    }
  }
  return std::nullopt;
}

std::vector<Finding> judge_agreement(const gpu::Facts& facts,
                                     const std::vector<const DriverLibrary*>& libraries) {
  const KernelVersion kernel = kernel_version(facts.driver);
  std::vector<std::string> evidence{kernel.evidence};
  bool compat = false;
  std::size_t compared = 0;
  for (const DriverLibrary* library : libraries) {
    evidence.push_back(described(*library));
    compat = compat || library->compat;
    if (library->compat || library->version.empty() || kernel.version.empty()) {
      continue;
    }
    ++compared;
    if (library->version != kernel.version) {
      return {judge_difference(facts, kernel, *library)};
    }
  }
  if (kernel.version.empty()) {
    evidence.front() =
        facts.driver.proc_version.empty()
            ? "neither /dev/nvidiactl nor /sys/module/nvidia/version answers"
            : "/proc/driver/nvidia/version is a copy, or may be one: " + facts.driver.proc_version;
    return {
        unknown("the kernel module's version cannot be seen: /dev/nvidiactl or "
                "/sys/module/nvidia/version would tell it",
                std::move(evidence))};
  }
  if (compat) {
    return {with_variant(
        pass(fmt::format("the loader takes a forward-compatibility libcuda, and the kernel module "
                         "is {}: meant to differ, judged by cuda.compat",
                         kernel.version),
             std::move(evidence)),
        "compat")};
  }
  if (compared == 0) {
    return {unknown("the libraries' file names do not tell their version", std::move(evidence))};
  }
  return {pass(fmt::format("libraries and kernel module are both {}", kernel.version),
               std::move(evidence))};
}

std::vector<Finding> judge_mismatch(const Question& question) {
  const gpu::Facts& facts = question.facts;
  if (!concerns_nvidia(question)) {
    return {};
  }
  std::vector<const DriverLibrary*> libraries;
  for (const std::string_view name : kMain) {
    const DriverLibrary* library = winner(facts.driver, name);
    auto trouble = library == nullptr ? judge_absence(facts, name) : judge_file(facts, *library);
    if (trouble) {
      return {std::move(*trouble)};
    }
    if (library != nullptr) {
      libraries.push_back(library);
    }
  }
  if (libraries.empty()) {
    return {with_variant(
        fail(in_container(facts) ? Owner::runtime : Owner::node,
             "neither libcuda nor libnvidia-ml is here",
             in_container(facts)
                 ? "start the container with the GPUs' driver injected (NVIDIA's runtime or CDI, "
                   "NVIDIA_DRIVER_CAPABILITIES=compute,utility)"
                 : "install the driver's libraries (libnvidia-compute, or nvidia-utils)",
             {"no libcuda.so.1, no libnvidia-ml.so.1"}),
        "absent")};
  }
  std::vector<Finding> findings = judge_agreement(facts, libraries);
  if (findings[0].status == Status::fail) {
    return findings;
  }
  const DriverLibrary& first = *libraries[0];
  auto trouble = first.name == "libcuda" && !first.compat && !first.version.empty()
                     ? judge_set(facts, first)
                     : std::nullopt;
  for (const DriverLibrary* library : libraries) {
    trouble = trouble || library->compat ? trouble : judge_company(facts.driver, *library);
  }
  if (trouble) {
    return {std::move(*trouble)};
  }
  return findings;
}

constexpr std::array<std::string_view, 2> kVisible{"env.visible", "drv.loaded"};

}  // namespace

std::span<const Rule> library_rules() {
  static constexpr std::array<Rule, 1> kRules{{
      {"drv.mismatch", "Are the driver's libraries and its kernel module of one version?",
       "The module tells its version by an ioctl on /dev/nvidiactl and by /sys/module/nvidia; "
       "/proc/driver/nvidia/version is a copy of the container's start in containers made by "
       "libnvidia-container, and is only compared. The libraries are those that the loader would "
       "take: LD_LIBRARY_PATH, its cache, its own directories. Who differs, what is mounted, what "
       "the copy says and which is newer tell the forms apart: stale_container, host_upgraded, "
       "several, baked_in, zero_byte, wrong_mount, stub, compat, not_found; besides musl, "
       "dangling, "
       "absent, partial, no_jit, old_libraries. A warning is for what is right until the next "
       "ldconfig.",
       "NVIDIA/open-gpu-kernel-modules: osapi.c; NVIDIA/libnvidia-container: nvc_info.c, #140; "
       "NVIDIA/nvidia-docker#856; NVIDIA/nvidia-container-toolkit#1526",
       kVisible, judge_mismatch},
  }};
  return kRules;
}

}  // namespace toolkit::diagnosis
