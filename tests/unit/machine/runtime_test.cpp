// What each runtime leaves to be seen, one machine in a directory each.
#include <toolkit/machine/facts.hpp>

#include <doctest/doctest.h>
#include <tests/support/temp_dir.hpp>

#include <map>

using toolkit::machine::read_facts;
using toolkit::machine::Runtime;
using toolkit::support::TempDir;

namespace {

using Texts = std::map<std::string, std::string>;

Runtime runtime_of(const Texts& files, const Texts& variables = {}) {
  TempDir root;
  for (const auto& [name, text] : files) {
    root.write(name, text);
  }
  return read_facts(root.path(),
                    [&](std::string_view name) -> std::optional<std::string_view> {
                      const auto found = variables.find(std::string(name));
                      return found == variables.end()
                                 ? std::nullopt
                                 : std::optional<std::string_view>(found->second);
                    })
      .runtime;
}

}  // namespace

TEST_CASE("each runtime by its signs") {
  struct Case {
    const char* name;
    Texts files, variables;
  };
  const std::string root_mount = "500 400 0:60 / / rw,relatime - overlay overlay rw,lowerdir=";
  for (const Case& item : std::vector<Case>{
           {"none", {}, {}},
           {"docker", {{".dockerenv", ""}}, {}},
           {"docker", {{"proc/self/cgroup", "4:memory:/docker/0123abc\n"}}, {}},
           {"docker", {{"proc/self/cgroup", "0::/system.slice/docker-0123.scope\n"}}, {}},
           {"docker",
            {{"proc/self/mountinfo", root_mount + "/var/lib/docker/overlay2/l/X,upperdir=/u\n"}},
            {}},
           {"podman",
            {{"run/.containerenv", "engine=\"podman-4.3.1\"\n"}},
            {{"container", "podman"}}},
           {"podman", {{"proc/self/cgroup", "0::/user.slice/libpod-0123.scope/container\n"}}, {}},
           {"containerd",
            {{"proc/self/cgroup", "0::/kubepods.slice/x/cri-containerd-0123.scope\n"}},
            {}},
           {"containerd",
            {{"proc/self/cgroup",
              "5:cpu:/system.slice/containerd.service/kubepods-pod1.slice:"
              "cri-containerd:0123\n"}},
            {}},
           {"containerd",
            {{"proc/self/mountinfo",
              root_mount + "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/s/1/fs\n"}},
            {}},
           {"cri-o",
            {{"proc/self/cgroup", "0::/kubepods.slice/x/crio-0123.scope\n"},
             {"run/.containerenv", ""}},
            {}},
           {"lxc", {{"proc/self/cgroup", "0::/lxc.payload.c1\n"}}, {}},
           {"lxc", {{"dev/lxd/sock", ""}}, {}},
           {"lxc", {}, {{"container", "lxc"}}},
           {"systemd-nspawn", {{"run/systemd/container", "systemd-nspawn"}}, {}},
           {"systemd-nspawn", {{"run/host/container-manager", "systemd-nspawn\n"}}, {}},
           {"apptainer",
            {{".singularity.d/runscript", ""}, {".dockerenv", ""}},
            {{"APPTAINER_CONTAINER", "/images/a.sif"}}},
           {"apptainer", {{".singularity.d/x", ""}}, {{"SINGULARITY_CONTAINER", "/a.sif"}}},
           {"gvisor",
            {{"proc/sys/kernel/osrelease", "4.4.0\n"},
             {"proc/sys/kernel/version", "#1 SMP Sun Jan 10 15:06:54 PST 2016\n"},
             {".dockerenv", ""}},
            {}},
           {"kata",
            {{"proc/self/mountinfo", "600 500 0:70 /x /etc/hosts rw - virtiofs kataShared rw\n"},
             {"proc/self/cgroup", "0::/cri-containerd-1.scope\n"}},
            {}},
           {"wsl2", {{"proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2\n"}}, {}},
           {"docker",
            {{"proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2\n"},
             {".dockerenv", ""}},
            {}},
       }) {
    CAPTURE(item.name);
    const Runtime runtime = runtime_of(item.files, item.variables);
    CAPTURE(runtime.evidence);
    CHECK(runtime.name == item.name);
    CHECK(runtime.evidence.empty() == (runtime.name == "none"));
  }
}

TEST_CASE("variables of Apptainer that came from outside of this place are not believed") {
  CHECK(runtime_of({}, {{"APPTAINER_CONTAINER", "/a.sif"}}).name == "none");
}

TEST_CASE("Docker with the image store of containerd is Docker, and a pod's image is no runtime") {
  const Texts files{{".dockerenv", ""},
                    {"proc/self/cgroup", "0::/\n"},
                    {"proc/self/mountinfo",
                     "500 400 0:60 / / rw - overlay overlay rw,lowerdir=/var/lib/containerd/"
                     "io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs\n"}};
  CHECK(runtime_of(files).name == "docker");
  CHECK(runtime_of(files).seen.size() == 2);
  CHECK(runtime_of(files, {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}}).name == "containerd");
}

TEST_CASE("gVisor of either naming, and WSL2's first kernels") {
  CHECK(runtime_of({{"proc/sys/kernel/osrelease", "4.19.0-gvisor\n"}}).name == "gvisor");
  CHECK(runtime_of({{"proc/sys/kernel/osrelease", "4.19.59-microsoft-standard\n"}}).name == "wsl2");
}

TEST_CASE("the mounts of other containers do not speak of us") {
  CHECK(runtime_of({{"proc/self/mountinfo",
                     "700 1 0:9 / / rw - ext4 /dev/vda rw\n"
                     "701 700 0:61 / /var/lib/docker/overlay2/x/merged rw - overlay overlay "
                     "rw,lowerdir=/var/lib/docker/overlay2/l/Y\n"}})
            .name == "none");
}

TEST_CASE("all signs are kept, ours first") {
  const Runtime runtime =
      runtime_of({{".dockerenv", ""}, {"proc/self/cgroup", "0::/crio-1.scope\n"}});
  REQUIRE(runtime.seen.size() == 2);
  CHECK(runtime.seen[0].first == "cri-o");
  CHECK(runtime.seen[1].second == "/.dockerenv");
}

TEST_CASE("Kubernetes and its namespace") {
  const auto pod =
      runtime_of({{"var/run/secrets/kubernetes.io/serviceaccount/namespace", "team-a\n"}});
  CHECK(pod.kubernetes);
  CHECK(pod.pod_namespace == "team-a");
  CHECK(runtime_of({}, {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}}).kubernetes);
  CHECK_FALSE(runtime_of({}).kubernetes);
}

TEST_CASE("hostile names are printed harmlessly") {
  const auto runtime = runtime_of({{"proc/self/cgroup", "0::/crio-\x1b[31m\xff\n"}});
  CHECK(runtime.evidence.find('\x1b') == std::string::npos);
}
