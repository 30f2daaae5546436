"""Made-up machines with an NVIDIA driver, as directory trees: healthy, and broken in one way each.

What a tree cannot have, since it takes a kernel driver (numbers of device files, answers of open and of the
version ioctl), a place says in `answers`; captures.py writes it into the capture, and it is made up like the rest.
"""
import errno
import os
from pathlib import Path

OLD, NEW = "550.54.15", "550.90.07"
LIB = "usr/lib/x86_64-linux-gnu"
HELPERS = ("libcuda", "libnvidia-ml", "libnvidia-ptxjitcompiler")
H100 = "10DE:2330"


class Place:
    def __init__(self, root, gpus=2, device=H100, version=NEW, container=True, opened=True):
        self.root, self.gpus, self.device, self.version = Path(root), gpus, device, version
        self.variables, self.mounts = {}, ["1 0 0:30 / / rw - overlay overlay rw", "2 1 0:31 / /proc rw - proc proc rw"]
        self.answers, self.ioctl, self.opened, self.uid = {}, version, opened, 0
        self.majors = {"nvidia-uvm": 508}
        if container:
            self.write(".dockerenv", "")
        self.write("lib64/ld-linux-x86-64.so.2", "not a loader")
        self.write("proc/sys/kernel/osrelease", "5.15.0-105-generic\n")
        self.write("proc/1/cgroup", "0::/\n")
        self.directory(LIB)
        for i in range(gpus):
            self.gpu(i)
        self.module(version)

    def path(self, name):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, name, text):
        self.path(name).write_text(text)

    def directory(self, name):
        (self.root / name).mkdir(parents=True, exist_ok=True)

    def link(self, name, target):
        self.path(name).symlink_to(target)

    def remove(self, name):
        (self.root / name).unlink()

    def gpu(self, i, driver="nvidia"):
        address = f"0000:{0x3b + i:02x}:00.0"
        real = f"sys/devices/pci0000:3a/0000:3a:{i:02x}.0/{address}"
        driver = f"DRIVER={driver}\n" if driver else ""
        self.write(f"{real}/uevent", f"{driver}PCI_CLASS=30200\nPCI_ID={self.device}\n")
        for name, text in (("numa_node", "0"), ("current_link_speed", "32.0 GT/s PCIe"), ("current_link_width", "16"),
                           ("max_link_speed", "32.0 GT/s PCIe"), ("max_link_width", "16"), ("local_cpulist", "0-47")):
            self.write(f"{real}/{name}", text + "\n")
        link = self.path(f"sys/bus/pci/devices/{address}")
        link.unlink(missing_ok=True)
        link.symlink_to(f"../../../devices/pci0000:3a/0000:3a:{i:02x}.0/{address}")

    def module(self, version, flavour="x86_64 Kernel Module"):
        self.write("sys/module/nvidia/initstate", "live\n")
        self.write("sys/module/nvidia/version", version + "\n")
        self.write("proc/driver/nvidia/version", f"NVRM version: NVIDIA UNIX {flavour}  {version}  Release Build\n")
        self.write("proc/devices", "Character devices:\n195 nvidia\n195 nvidiactl\n" +
                   "".join(f"{number} {name}\n" for name, number in self.majors.items()) + "\nBlock devices:\n  8 sd\n")
        for i in range(self.gpus):
            self.write(f"proc/driver/nvidia/gpus/0000:{0x3b + i:02x}:00.0/information",
                       f"Model: \t\t NVIDIA H100 80GB HBM3\nGPU UUID: \t GPU-00000000-0000-0000-0000-00000000000{i}\n"
                       f"Device Minor: \t {i}\nGPU Excluded:\t No\n")
            self.write(f"dev/nvidia{i}", "")
        for name in ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools"):
            self.write(f"dev/{name}", "")

    def unload(self, driver):
        """The machine's GPUs without the module, held by another driver or none."""
        for name in ("sys/module/nvidia", "proc/driver", "dev"):
            for base, _, files in os.walk(self.root / name, topdown=False):
                for file in files:
                    os.unlink(os.path.join(base, file))
                os.rmdir(base)
        self.directory("sys/module")
        self.write("proc/devices", "Character devices:\n  1 mem\n")
        self.ioctl = ""
        for i in range(self.gpus):
            self.gpu(i, driver)

    def mount(self, point, source=None, kind="ext4"):
        self.mounts.append(f"{len(self.mounts) + 1} 1 8:1 {source or point} {point} ro,nosuid,nodev - {kind} /dev/sda1 ro")

    def library(self, name, version, directory=LIB, mounted=True, text="not a library"):
        self.write(f"{directory}/{name}.so.{version}", text)
        link = self.path(f"{directory}/{name}.so.1")
        link.unlink(missing_ok=True)
        link.symlink_to(f"{name}.so.{version}")
        if mounted:
            self.mount(f"/{directory}/{name}.so.{version}")

    def inject(self, version=None):
        """The libraries as NVIDIA's runtime mounts them, and its copy of /proc/driver/nvidia."""
        for name in HELPERS:
            self.library(name, version or self.version)
        self.mount("/proc/driver/nvidia", "/", "tmpfs")
        return self

    def refuse(self, error, *names):
        for name in names:
            self.answers[f"/dev/{name}"] = getattr(errno, error)

    def finish(self):
        self.write("proc/self/mountinfo", "\n".join(self.mounts) + "\n")
