#pragma once
// What drv.mismatch looks at: the kernel module's version and the files that the loader would take.

#include <toolkit/diagnosis/rule.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::diagnosis {

/// The version that the kernel module really has, and by what; "" when nothing live tells it.
struct KernelVersion {
  std::string version, evidence;
};
[[nodiscard]] KernelVersion kernel_version(const gpu::DriverFacts& driver);

/// The one that the loader would take; null when it finds none.
[[nodiscard]] const gpu::DriverLibrary* winner(const gpu::DriverFacts& driver,
                                               std::string_view name);
/// Others of that name that the loader may meet and that have another version.
[[nodiscard]] std::vector<const gpu::DriverLibrary*> rivals(const gpu::DriverFacts& driver,
                                                            const gpu::DriverLibrary& library);
/// One that a program could use, if only the loader looked where it lies.
[[nodiscard]] const gpu::DriverLibrary* usable_elsewhere(const gpu::DriverFacts& driver,
                                                         std::string_view name);

/// "libcuda.so.1 -> libcuda.so.550.90.07, bind mount (/proc/self/mountinfo:212: …)"
[[nodiscard]] std::string described(const gpu::DriverLibrary& library);
/// The last event that brought this version; null if the history has none.
[[nodiscard]] const gpu::PackageEvent* event_of(const gpu::DriverFacts& driver,
                                                std::string_view version);
[[nodiscard]] std::string described(const gpu::PackageEvent& event);

/// Why two versions differ, the forms of mismatch; `library` is not of the kernel's version.
[[nodiscard]] Finding judge_difference(const gpu::Facts& facts, const KernelVersion& kernel,
                                       const gpu::DriverLibrary& library);

}  // namespace toolkit::diagnosis
