// The user, shared directories, clocks.
#include "rules.hpp"

#include <fmt/core.h>

namespace toolkit::advice {
namespace {

// Records are written in whole milliseconds, and clocks that NTP holds agree much better.
constexpr double kTolerance = 1;

Finding judge(const Volume& volume, std::uint32_t user) {
  const std::string evidence =
      fmt::format("{} belongs to {}, we are {}", volume.path, volume.owner, user);
  const std::string remedy =
      fmt::format("run both containers as one user (runAsUser: {}), or give the volume an fsGroup",
                  volume.owner);
  if (volume.owner == user) {
    return volume.writable ? pass(volume.path + " is ours", evidence)
                           : failed(volume.path + " cannot be written", evidence,
                                    "mount it writable: remove readOnly, or :ro");
  }
  return volume.writable
             ? warn(volume.path + " belongs to another user, and can be written", evidence, remedy)
             : failed(volume.path + " belongs to another user, and cannot be written", evidence,
                      remedy);
}

}  // namespace

Finding user_root(const Scene& scene) {
  const auto& user = scene.facts.user;
  if (user.euid != 0) {
    return pass("we are not root", fmt::format("uid {}", user.euid));
  }
  if (scene.facts.runtime.name == "none" && user.in_user_namespace == false) {
    return skip("root of the machine, in no container");
  }
  if (!user.host_uid) {
    return unknown("whether our root is the machine's cannot be told", "/proc/self/uid_map");
  }
  const std::string evidence = "/proc/self/uid_map: " + user.uid_map;
  return *user.host_uid == 0
             ? warn("root in this container is root on the machine", evidence,
                    "run as another user (docker run --user, runAsUser), or in a user namespace")
             : pass(fmt::format("our root is user {} outside", *user.host_uid), evidence);
}

std::vector<Finding> volume_owners(const Scene& scene) {
  std::vector<Finding> findings;
  for (const Volume& volume : scene.volumes) {
    findings.push_back(judge(volume, scene.facts.user.euid));
  }
  return findings;
}

std::vector<Finding> clock_skews(const Scene& scene) {
  std::vector<Finding> findings;
  for (const RecordClock& clock : scene.clocks) {
    const std::string evidence = fmt::format("the record of {} is {:.1f} s ahead of our clock",
                                             clock.job, clock.seconds_ahead);
    findings.push_back(clock.seconds_ahead > kTolerance
                           ? warn("the clocks of the machines differ", evidence,
                                  "let NTP or chrony run on both machines")
                           : pass("the record of " + clock.job + " is not from the future"));
  }
  return findings;
}

}  // namespace toolkit::advice
