#include "driver_files.hpp"

#include <toolkit/gpu/version.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace toolkit::diagnosis {

using gpu::DriverFacts;
using gpu::DriverLibrary;

KernelVersion kernel_version(const DriverFacts& driver) {
  if (!driver.ioctl_version.empty()) {
    return {driver.ioctl_version, "ioctl 0xC04846D2 on /dev/nvidiactl: " + driver.ioctl_version};
  }
  if (!driver.sysfs_version.empty()) {
    return {driver.sysfs_version, "/sys/module/nvidia/version: " + driver.sysfs_version};
  }
  if (!driver.proc_version.empty() && driver.proc_copied == false) {
    return {driver.proc_version, "/proc/driver/nvidia/version: " + driver.proc_version};
  }
  return {};
}

const DriverLibrary* winner(const DriverFacts& driver, std::string_view name) {
  const auto it = std::ranges::find_if(driver.libraries, [&](const DriverLibrary& library) {
    return library.wins && library.name == name;
  });
  return it == driver.libraries.end() ? nullptr : &*it;
}

std::vector<const DriverLibrary*> rivals(const DriverFacts& driver, const DriverLibrary& library) {
  std::vector<const DriverLibrary*> found;
  for (const DriverLibrary& other : driver.libraries) {
    if (other.name == library.name && other.on_loader_path && !other.stub && !other.compat &&
        other.size.value_or(0) > 0 && !other.version.empty() && other.version != library.version) {
      found.push_back(&other);
    }
  }
  return found;
}

const DriverLibrary* usable_elsewhere(const DriverFacts& driver, std::string_view name) {
  const auto it = std::ranges::find_if(driver.libraries, [&](const DriverLibrary& library) {
    return library.name == name && !library.stub && !library.compat && library.size.value_or(0) > 0;
  });
  return it == driver.libraries.end() ? nullptr : &*it;
}

std::string described(const DriverLibrary& library) {
  std::string text = library.reached_by.empty() ? library.path : library.reached_by;
  if (!library.size) {
    return text + ", which is not there";
  }
  text += *library.size == 0 ? ", empty" : "";
  if (library.bind_mounted == true) {
    return fmt::format("{}, mounted ({})", text, library.mount);
  }
  return library.bind_mounted == false ? text + ", not mounted: of the image itself" : text;
}

const gpu::PackageEvent* event_of(const DriverFacts& driver, std::string_view version) {
  const gpu::PackageEvent* found = nullptr;
  for (const gpu::PackageEvent& event : driver.history) {
    if (!version.empty() && event.version.find(version) != std::string::npos) {
      found = &event;
    }
  }
  return found;
}

std::string described(const gpu::PackageEvent& event) {
  return fmt::format("{}: {} {} {} {}", event.source, event.when, event.action, event.package,
                     event.version);
}

}  // namespace toolkit::diagnosis
