// Which container runtime has made this place. The signs, in the order in which they are believed:
// a kernel or a file system that only one runtime has; the name of our group; where the layers of
// the root file system lie; files and variables that a runtime leaves for its guests. Sources:
// systemd src/basic/virt.c (detect_container), gVisor pkg/sentry/syscalls/linux/linux64.go (its
// version), Kata's virtio-fs tag "kataShared", cgroup names of runc's systemd driver
// (docker-ID.scope, cri-containerd-ID.scope), of CRI-O (crio-ID.scope) and of podman (libpod-ID).
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
constexpr Sign kLayers[] = {
    {"/io.containerd.snapshotter", "containerd"},
    {"/var/lib/docker/overlay2/", "docker"},
};

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
  Seen& seen = runtime.seen;
  look_for_apptainer(seen, root, variables);
  look_at_kernel(seen, kernel, mountinfo);
  look_for(seen, groups, "/proc/self/cgroup", kGroups);
  look_for(seen, root_mount(mountinfo), "mount of /", kLayers);
  look_at_files(seen, root, variables);
  if (has(kernel.release, "WSL2") || has(kernel.release, "microsoft-standard")) {
    seen.emplace_back("wsl2", "kernel " + kernel.release);
  }
  runtime.name = seen.empty() ? "none" : seen.front().first;
  runtime.evidence = seen.empty() ? "" : seen.front().second;
  const auto space = read_text(root, "/var/run/secrets/kubernetes.io/serviceaccount/namespace");
  runtime.pod_namespace = space ? std::string(trim(*space)) : "";
  runtime.kubernetes = space || (variables && variables("KUBERNETES_SERVICE_HOST"));
  return runtime;
}

}  // namespace toolkit::machine
