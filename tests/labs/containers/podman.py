"""A podman of the lab's own: its images and containers live in the build folder and go with it."""
import json
import os
import pathlib
import resource
import shutil
import subprocess


class Podman:
    def __init__(self, folder: pathlib.Path, network="none"):
        self.folder = folder
        self.network = network
        # crun's control socket must fit into a socket address (108 bytes, unix(7)): a short path for it.
        self.runtime = pathlib.Path(f"/tmp/toolkit-lab-{os.getpid()}")
        self.base = ["podman", "--root", str(folder / "storage"), "--runroot", str(self.runtime / "run"),
                     "--tmpdir", str(self.runtime / "tmp")]

    def call(self, *arguments, timeout=60, **options):
        return subprocess.run([*self.base, *map(str, arguments)], timeout=timeout, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **options)

    def limits(self):
        """Limits that need no CAP_SYS_RESOURCE: ours, and of processes no more than podman keeps (32768)."""
        words = ["--network", self.network]
        for name, number, most in (("nofile", resource.RLIMIT_NOFILE, 65536), ("nproc", resource.RLIMIT_NPROC, 32768)):
            hard = resource.getrlimit(number)[1]
            value = most if hard == resource.RLIM_INFINITY else min(hard, most)
            words += ["--ulimit", f"{name}={value}:{value}"]
        return words

    def why_not(self) -> str:
        """Why containers cannot run here; empty when they can."""
        if shutil.which("podman") is None:
            return "podman is not installed"
        if os.geteuid() != 0:
            return "containers with memory limits need root"
        mount_hugetlb()
        return ""

    def build(self, tag: str, folder: pathlib.Path) -> str:
        """Builds an image from a folder with a Dockerfile; returns the error text."""
        # chroot: the default way of RUN needs more than some machines allow, and nothing here RUNs.
        result = self.call("build", "-q", "--isolation", "chroot", "-t", tag, folder)
        return "" if result.returncode == 0 else result.stderr

    def run(self, *arguments, **options):
        return self.call("run", "--rm", *self.limits(), *arguments, **options)

    def start(self, name: str, *arguments):
        result = self.call("run", "-d", "--name", name, *self.limits(), *arguments)
        if result.returncode != 0:
            raise RuntimeError(result.stderr)

    def logs(self, name: str) -> str:
        result = self.call("logs", name)
        return result.stdout + result.stderr

    def state(self, name: str) -> dict:
        return json.loads(self.call("inspect", name).stdout)[0]["State"]

    def run_attached(self, name: str, *arguments):
        """create and start apart, from the container's own folder: conmon 2.1.6 writes its OOM verdict into
        the current folder, podman 4.3.1 looks for it there."""
        created = self.call("create", "--name", name, *self.limits(), *arguments)
        if created.returncode != 0:
            raise RuntimeError(created.stderr)
        folder = json.loads(self.call("inspect", name).stdout)[0]["StaticDir"]
        return self.call("start", "-a", name, cwd=folder)

    def remove_all(self):
        self.call("rm", "-fa", "-t", "0")
        self.call("rmi", "-fa")
        self.call("umount", "-a")
        for place in (self.folder / "storage", self.runtime):
            subprocess.run(["rm", "-rf", "--one-file-system", str(place)], check=False, stderr=subprocess.DEVNULL)


def mount_hugetlb():
    """crun refuses a machine with cgroup v1 controllers and a v2 tree that still has one (hugetlb): mounting
    that as v1 makes it a plain v1 machine."""
    cgroup = pathlib.Path("/sys/fs/cgroup")
    hugetlb = cgroup / "hugetlb"
    if (cgroup / "cgroup.controllers").exists() or not (cgroup / "memory").is_dir() or os.path.ismount(hugetlb):
        return
    hugetlb.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "cgroup", "-o", "hugetlb", "hugetlb", str(hugetlb)], check=False,
                   stderr=subprocess.DEVNULL)
