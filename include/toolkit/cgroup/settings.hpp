#pragma once
// What somebody has probably asked for when this container was made, told from its limits: the
// flags of docker run, and the requests and limits of a Kubernetes container. Pure.

#include <toolkit/cgroup/limits.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace toolkit::cgroup {

/// One reading of a setting; several where the formulas in use differ.
struct Candidate {
  std::string value;  // "1.5", "256-281m"
  std::string rule;   // "quota / period", "weight by runc before 1.3.2"
};
struct Setting {
  std::string name;  // "docker --cpus", "kubernetes requests.cpu"
  std::vector<Candidate> candidates;
};

/// Only what is set; nothing is said about defaults.
[[nodiscard]] std::vector<Setting> infer_settings(const Limits& limits);

/// cpu.shares (v1, 2 to 262144) as cpu.weight (v2, 1 to 10000), in the three ways that are in use.
/// linear: runc before 1.3.2, older crun, kubelet's pod groups. curved: opencontainers/cgroups
/// ConvertCPUSharesToCgroupV2Value of runc 1.3.2+ and newer crun. proportional: systemd.
enum class ShareRule { linear, curved, proportional };
[[nodiscard]] std::uint64_t weight_of_shares(std::uint64_t shares, ShareRule rule);
/// The smallest and the largest shares with this weight; {0, 0} when no shares have it.
[[nodiscard]] std::pair<std::uint64_t, std::uint64_t> shares_of_weight(std::uint64_t weight,
                                                                       ShareRule rule);

}  // namespace toolkit::cgroup
