// The forms in which a library of one version comes to a kernel module of another.
#include "driver_files.hpp"
#include "nvidia.hpp"

#include <toolkit/gpu/version.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace toolkit::diagnosis {
namespace {

using gpu::DriverFacts;
using gpu::DriverLibrary;

constexpr const char* kReload =
    "on the node, drain it and reboot (or `rmmod nvidia_uvm nvidia_drm nvidia_modeset nvidia && "
    "modprobe nvidia`), and hold the driver's packages; then recreate this container";

struct Case {
  const gpu::Facts& facts;
  const KernelVersion& kernel;
  const DriverLibrary& library;
  std::vector<std::string> evidence;

  // "libcuda has 550.54.15, the kernel module 550.90.07: WHY"
  [[nodiscard]] Finding because(const char* variant, Owner owner, const std::string& why,
                                std::string remedy) const {
    return with_variant(fail(owner,
                             fmt::format("{} has version {}, the kernel module {}: {}",
                                         library.name, library.version, kernel.version, why),
                             std::move(remedy), evidence),
                        variant);
  }
};

Finding on_the_machine(const Case& seen, bool newer, bool several) {
  const DriverFacts& driver = seen.facts.driver;
  if (several) {
    return seen.because("several", Owner::node,
                        "several versions lie side by side, and ldconfig links to the highest",
                        "remove the packages or files of the version that is not loaded, and run "
                        "ldconfig");
  }
  if (!newer) {
    return seen.because("old_libraries", Owner::node,
                        "the module was upgraded and the libraries were not",
                        "install the libraries of the module's version (libnvidia-compute, or "
                        "nvidia-utils)");
  }
  const gpu::PackageEvent* event = event_of(driver, seen.library.version);
  return seen.because("host_upgraded", Owner::node,
                      event == nullptr
                          ? "the driver's packages were upgraded without loading the new module"
                          : fmt::format("its packages were upgraded on {} without loading the new "
                                        "module",
                                        event->when),
                      kReload);
}

Finding mounted(const Case& seen, bool newer, bool several) {
  const DriverFacts& driver = seen.facts.driver;
  const bool file = seen.library.mount_point == seen.library.path;
  const bool cdi = seen.facts.place.injection == "cdi";
  if (several) {
    return seen.because("several", Owner::runtime,
                        "several versions are mounted side by side, and ldconfig links to the "
                        "highest",
                        "mount the libraries of the loaded module only, and run ldconfig");
  }
  // A copy of /proc/driver/nvidia/version that agrees with the library: both are of the start.
  const bool stale_copy = driver.proc_version == seen.library.version;
  if (stale_copy || (!newer && file && (cdi || driver.proc_version.empty()))) {
    return seen.because(
        "stale_container", Owner::runtime,
        "the node has upgraded its driver under this running container",
        cdi ? "recreate this container; if that does not help, generate the node's CDI "
              "specification anew (`nvidia-ctk cdi generate`)"
            : "recreate this container: its libraries are those of the old driver");
  }
  if (newer && file) {
    return seen.because("host_upgraded", Owner::node,
                        "the node has upgraded its driver's packages without loading the new "
                        "module",
                        kReload);
  }
  return seen.because("wrong_mount", Owner::runtime,
                      fmt::format("{} was mounted from where another driver's files lie",
                                  file ? seen.library.path : seen.library.mount_point),
                      "correct the hostPath or volume, or leave the mounting to NVIDIA's runtime "
                      "or CDI");
}

}  // namespace

Finding judge_difference(const gpu::Facts& facts, const KernelVersion& kernel,
                         const DriverLibrary& library) {
  const DriverFacts& driver = facts.driver;
  const auto others = rivals(driver, library);
  Case seen{facts, kernel, library, {described(library), kernel.evidence}};
  for (const DriverLibrary* other : others) {
    seen.evidence.push_back(described(*other));
  }
  if (!driver.proc_version.empty()) {
    seen.evidence.push_back(
        fmt::format("/proc/driver/nvidia/version{}: {}",
                    driver.proc_copied == true ? ", a copy of the container's start" : "",
                    driver.proc_version));
  }
  if (const gpu::PackageEvent* event = event_of(driver, library.version); event != nullptr) {
    seen.evidence.push_back(described(*event));
  }
  if (driver.reboot_required) {
    seen.evidence.emplace_back("/run/reboot-required is there");
  }
  const bool newer = gpu::compare_versions(library.version, kernel.version) > 0;
  const bool from_elsewhere = std::ranges::any_of(others, [&](const DriverLibrary* other) {
    return other->bind_mounted == library.bind_mounted;
  });
  if (!in_container(facts)) {
    return on_the_machine(seen, newer, !others.empty());
  }
  if (library.bind_mounted == true) {
    return mounted(seen, newer, from_elsewhere);
  }
  if (!library.bind_mounted) {
    return seen.because("unknown_origin", Owner::runtime,
                        "where it came from cannot be seen without /proc/self/mountinfo",
                        "recreate this container; if that does not help, remove the driver's "
                        "packages from the image");
  }
  return seen.because("baked_in", Owner::image, "the image has a driver of its own",
                      "remove the driver's packages (libnvidia-compute-*, libcuda1, cuda-drivers, "
                      "nvidia-driver-*) from the Dockerfile: the runtime brings the node's");
}

}  // namespace toolkit::diagnosis
