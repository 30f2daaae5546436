#pragma once
// What apt and dpkg say of the driver's packages, from the text of their logs. Bytes from outside.

#include <toolkit/gpu/driver_facts.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

/// /var/log/dpkg.log; `file` is for `source`. Of installs, upgrades and removals.
[[nodiscard]] std::vector<PackageEvent> parse_dpkg_log(std::string_view text,
                                                       const std::string& file);
/// /var/log/apt/history.log
[[nodiscard]] std::vector<PackageEvent> parse_apt_history(std::string_view text,
                                                          const std::string& file);

}  // namespace toolkit::gpu
