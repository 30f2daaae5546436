#pragma once
// The parts of the place that are pure, for tests.

#include <toolkit/gpu/place_facts.hpp>

#include <map>
#include <string>
#include <string_view>

namespace toolkit::gpu {

/// Fills in `injection`. libnvidia-container mounts a tmpfs with copies over /proc/driver/nvidia
/// (nvc_mount.c, mount_procfs); the CDI hook disable-device-node-modification mounts its `params`
/// alone.
void find_injection(std::string_view mountinfo, PlaceFacts& place);

/// `environment` is null-terminated, or null.
[[nodiscard]] std::map<std::string, std::string> gpu_variables(const char* const* environment);

}  // namespace toolkit::gpu
