// Which container runtime has made this place. The signs, in the order in which they are believed:
// a kernel or a file system that only one runtime has; the name of our group; where the layers of
// the root file system lie; files and variables that a runtime leaves for its guests. Sources, by
// project:
//   systemd     src/basic/virt.c: detect_container
//   gVisor      pkg/sentry/kernel/version/version.go: its version; "-gvisor" is in newer releases
//   Kata        src/runtime/virtcontainers/kata_agent.go: mountGuestTag, the source of virtio-fs
//               mounts. A guest with a root of its own and no shared files has no sign of it.
//   Docker      daemon/oci_linux.go: scopePrefix "docker", parent "/docker" without systemd;
//               daemon/initlayer/setup_unix.go: /.dockerenv
//   containerd  internal/cri/server/helpers.go: "cri-containerd" before the ID, which runc's
//   systemd
//               driver makes cri-containerd-ID.scope; io.containerd.snapshotter.v1 of
//               docs/PLUGINS.md
//   CRI-O       internal/config/cgmgr/cgmgr_linux.go: CrioPrefix
//   podman      libpod/container.go: libpod-ID, libpod-payload-ID, /libpod_parent;
//               libpod/container_internal_common.go: /run/.containerenv; pkg/env/env.go: container=
//   Apptainer   internal/pkg/runtime/launch/launcher_linux.go: APPTAINER_CONTAINER;
//               internal/pkg/build/metadata.go: /.singularity.d
//   WSL2        WSL2-Linux-Kernel Microsoft/config-wsl: CONFIG_LOCALVERSION "-microsoft-standard",
//               with "-WSL2" since
#include "parts.hpp"

#include <toolkit/base/text.hpp>

#include <unistd.h>

#include <span>

namespace toolkit::machine {
namespace {

using Seen = std::vector<std::pair<std::string, std::string>>;

struct Sign {
  std::string_view text, name;
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

void look_at_kernel(Seen& seen, const Kernel& kernel, std::string_view mountinfo) {
  if (has(kernel.version, "SMP Sun Jan 10 15:06:54 PST 2016") || has(kernel.release, "gvisor")) {
    seen.emplace_back("gvisor", "kernel " + kernel.release + " " + kernel.version);
  }
  if (has(mountinfo, " kataShared ")) {
    seen.emplace_back("kata", "mount of kataShared");
  }
}

// The first line with one of the texts.
void look_for(Seen& seen, std::string_view text, const std::string& source,
              std::span<const Sign> signs) {
  for (const std::string_view line : split(text, '\n')) {
    for (const Sign& sign : signs) {
      if (has(line, sign.text)) {
        const auto at = line.find(sign.text);
        seen.emplace_back(
            sign.name, source + ": " +
                           printable(line.substr(at, std::min<std::size_t>(line.size() - at, 80))));
        return;
      }
    }
  }
}

constexpr Sign kGroups[] = {
    {"/crio-", "cri-o"},
    {"/cri-containerd-", "containerd"},
    {"cri-containerd:", "containerd"},
    {"/docker-", "docker"},
    {"/docker/", "docker"},
    {"/libpod-", "podman"},
    {"/libpod_parent", "podman"},
    {"/lxc.payload", "lxc"},
    {"/lxc/", "lxc"},
    {"/machine.slice/systemd-nspawn", "systemd-nspawn"},
};
// Docker keeps images in containerd's store too (daemon/daemon.go asks for its snapshotters), so
// that one speaks of containerd only where Docker has left nothing of its own.
constexpr Sign kDockerLayers[] = {{"/var/lib/docker/overlay2/", "docker"}};
constexpr Sign kLayers[] = {{"/io.containerd.snapshotter", "containerd"}};

// Only the root's own mount speaks of us: a machine has those of all its containers.
std::string_view root_mount(std::string_view mountinfo) {
  std::string_view found;
  for (const std::string_view line : split(mountinfo, '\n')) {
    const auto fields = split(line, ' ');
    found = fields.size() > 5 && fields[4] == "/" ? line : found;
  }
  return found;
}

// What systemd's detect_container() accepts, with our names.
std::string name_of_container(std::string_view text) {
  constexpr std::string_view kKnown[] = {"lxc", "lxc-libvirt", "systemd-nspawn", "docker",
                                         "podman"};
  const std::string_view word = trim(text);
  for (const std::string_view known : kKnown) {
    if (word == known) {
      return std::string(known == "lxc-libvirt" ? "lxc" : known);
    }
  }
  return word == "oci" || word.empty() ? "" : printable(word.substr(0, 32));
}

void look_at_files(Seen& seen, const std::string& root, const Variables& variables) {
  const auto exists = [&](const char* path) { return ::access((root + path).c_str(), F_OK) == 0; };
  for (const char* path : {"/run/host/container-manager", "/run/systemd/container"}) {
    const auto text = read_text(root, path);
    if (const std::string name = name_of_container(text.value_or("")); !name.empty()) {
      seen.emplace_back(name, path);
    }
  }
  if (exists("/.dockerenv")) {
    seen.emplace_back("docker", "/.dockerenv");
  }
  if (exists("/run/.containerenv")) {
    seen.emplace_back("podman", "/run/.containerenv");
  }
  if (exists("/dev/lxd/sock")) {
    seen.emplace_back("lxc", "/dev/lxd/sock");
  }
  const auto value = variables ? variables("container") : std::nullopt;
  if (const std::string name = name_of_container(value.value_or("")); !name.empty()) {
    seen.emplace_back(name, "container=" + name);
  }
}

// Apptainer runs inside of anything; its variables are inherited by whatever it starts.
void look_for_apptainer(Seen& seen, const std::string& root, const Variables& variables) {
  for (const char* name : {"APPTAINER_CONTAINER", "SINGULARITY_CONTAINER"}) {
    if (variables && variables(name) && ::access((root + "/.singularity.d").c_str(), F_OK) == 0) {
      seen.emplace_back("apptainer", std::string("/.singularity.d and ") + name);
      return;
    }
  }
}

}  // namespace

Runtime detect_runtime(const std::string& root, const Variables& variables, std::string_view groups,
                       std::string_view mountinfo, const Kernel& kernel) {
  Runtime runtime;
  const auto space = read_text(root, "/var/run/secrets/kubernetes.io/serviceaccount/namespace");
  runtime.pod_namespace = space ? std::string(trim(*space)) : "";
  runtime.kubernetes = space || (variables && variables("KUBERNETES_SERVICE_HOST"));
  Seen& seen = runtime.seen;
  look_for_apptainer(seen, root, variables);
  look_at_kernel(seen, kernel, mountinfo);
  look_for(seen, groups, "/proc/self/cgroup", kGroups);
  const std::string_view layers = root_mount(mountinfo);
  look_for(seen, layers, "mount of /", kDockerLayers);
  // An image may have the files of the runtime that built it, which kubelet does not use.
  if (runtime.kubernetes) {
    look_for(seen, layers, "mount of /", kLayers);
  }
  look_at_files(seen, root, variables);
  if (!runtime.kubernetes) {
    look_for(seen, layers, "mount of /", kLayers);
  }
  if (has(kernel.release, "WSL2") || has(kernel.release, "microsoft-standard")) {
    seen.emplace_back("wsl2", "kernel " + kernel.release);
  }
  runtime.name = seen.empty() ? "none" : seen.front().first;
  runtime.evidence = seen.empty() ? "" : seen.front().second;
  return runtime;
}

}  // namespace toolkit::machine
