"""The places of places.py broken in one way each; every function's name is the name of its capture."""
from places import LIB, NEW, OLD, Place

V100, B200 = "10DE:1DB1", "10DE:2901"


def driver_not_loaded(root):
    place = Place(root, container=False)
    place.unload("")
    return place


def driver_is_nouveau(root):
    place = Place(root, container=False)
    place.unload("nouveau")
    return place


def driver_gave_gpus_to_vfio(root):
    place = Place(root, container=False)
    place.unload("vfio-pci")
    return place


def driver_open_on_volta(root):
    place = Place(root, device=V100).inject()
    place.module(NEW, "Open Kernel Module for x86_64")
    place.refuse("ENODEV", "nvidia0", "nvidia1")
    return place


def driver_proprietary_on_blackwell(root):
    place = Place(root, device=B200).inject()
    place.refuse("EIO", "nvidia0", "nvidia1")
    return place


def device_numbers_stale(root):
    place = Place(root).inject()
    place.majors["nvidia-uvm"] = 511  # of the files; /proc/devices has the new one
    return place


def device_cgroup_lost(root):
    place = Place(root).inject()
    place.refuse("EPERM", "nvidiactl", "nvidia0", "nvidia1", "nvidia-uvm", "nvidia-uvm-tools")
    place.ioctl = ""
    place.write("sys/fs/cgroup/devices/devices.list", "c 1:3 rwm\nc 5:0 rwm\nc 136:* rwm\n")
    return place


def device_one_of_eight_lost(root):
    place = Place(root, gpus=8).inject()
    place.refuse("EIO", "nvidia3")
    return place


def device_gone(root):
    place = Place(root).inject()
    place.refuse("ENODEV", "nvidia1")
    return place


def device_mode_forbids(root):
    place = Place(root).inject()
    for name in ("nvidiactl", "nvidia0", "nvidia1", "nvidia-uvm"):
        (place.root / "dev" / name).chmod(0o660)
    place.refuse("EACCES", "nvidiactl", "nvidia0", "nvidia1", "nvidia-uvm")
    place.ioctl, place.uid = "", 1000
    return place


def device_without_control(root):
    place = Place(root).inject()
    place.remove("dev/nvidiactl")
    place.ioctl = ""
    return place


def device_uvm_not_given(root):
    place = Place(root).inject()
    place.remove("dev/nvidia-uvm")
    return place


def device_uvm_not_loaded(root):
    place = Place(root).inject()
    place.majors = {}
    place.module(NEW)
    place.remove("dev/nvidia-uvm")
    return place


def mismatch_stale_container(root):
    place = Place(root).inject(OLD)
    place.write("proc/driver/nvidia/version", f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {OLD}  Tue\n")
    return place


def mismatch_host_upgraded(root):
    place = Place(root, version=OLD)
    return place.inject(NEW)


def mismatch_unattended_upgrade(root):
    place = Place(root, version=OLD, container=False)
    for name in ("libcuda", "libnvidia-ml"):
        place.library(name, NEW, mounted=False)
    place.mounts = ["1 0 8:1 / / rw - ext4 /dev/sda1 rw", "2 1 0:31 / /proc rw - proc proc rw"]
    place.write("var/log/apt/history.log", "Start-Date: 2024-06-04  06:41:12\nCommandline: /usr/bin/unattended-upgrade\n"
                f"Upgrade: libnvidia-compute-550:amd64 ({OLD}-0ubuntu1, {NEW}-0ubuntu1)\nEnd-Date: 2024-06-04  06:41:40\n")
    place.write("run/reboot-required", "*** System restart required ***\n")
    return place


def mismatch_several_versions(root):
    place = Place(root, version=OLD, container=False)
    place.mounts = ["1 0 8:1 / / rw - ext4 /dev/sda1 rw", "2 1 0:31 / /proc rw - proc proc rw"]
    for name in ("libcuda", "libnvidia-ml"):
        place.library(name, OLD, mounted=False)
        place.library(name, NEW, mounted=False)
    return place


def mismatch_driver_in_image(root):
    place = Place(root).inject()
    for name in ("libcuda", "libnvidia-ml"):
        place.library(name, "560.35.03", mounted=False)
    place.write("var/log/dpkg.log", "2024-09-01 10:00:00 install libnvidia-compute-560:amd64 <none> 560.35.03-0ubuntu1\n")
    return place


def mismatch_empty_files(root):
    place = Place(root)
    for name in ("libcuda", "libnvidia-ml"):
        place.library(name, OLD, mounted=False, text="")
    return place


def mismatch_wrong_volume(root):
    place = Place(root)
    for name in ("libcuda", "libnvidia-ml"):
        place.library(name, "535.54.03", "usr/local/nvidia/lib64", mounted=False)
    place.mount("/usr/local/nvidia", "/opt/nvidia-535")
    place.variables["LD_LIBRARY_PATH"] = "/usr/local/nvidia/lib64"
    return place


def mismatch_stub_first(root):
    place = Place(root).inject()
    place.write("usr/local/cuda/lib64/stubs/libcuda.so.1", "not a stub")
    place.variables["LD_LIBRARY_PATH"] = "/usr/local/cuda/lib64/stubs:/usr/local/cuda/lib64"
    return place


def mismatch_not_on_the_path(root):
    place = Place(root)
    for name in ("libcuda", "libnvidia-ml", "libnvidia-ptxjitcompiler"):
        place.library(name, NEW, "usr/local/nvidia/lib64")
    return place


def mismatch_musl(root):
    place = Place(root)
    place.remove("lib64/ld-linux-x86-64.so.2")
    place.write("lib/ld-musl-x86_64.so.1", "not a loader")
    place.inject()
    return place


def mismatch_link_to_nothing(root):
    place = Place(root)
    for name in ("libcuda", "libnvidia-ml"):
        place.link(f"{LIB}/{name}.so.1", f"{name}.so.{OLD}")
    return place


def mismatch_partial_set(root):
    place = Place(root).inject()
    place.library("libnvidia-nvvm", OLD, mounted=False)
    return place


def given_without_compute(root):
    place = Place(root)
    place.library("libnvidia-ml", NEW)
    place.mount("/proc/driver/nvidia", kind="tmpfs")
    place.variables = {"NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "utility"}
    return place


EXPECTED = {
    given_without_compute: "env.visible no_compute runtime 12",
    driver_not_loaded: "drv.loaded not_loaded node 13",
    driver_is_nouveau: "drv.loaded nouveau node 13",
    driver_gave_gpus_to_vfio: "drv.loaded vfio node 13",
    driver_open_on_volta: "drv.flavour needs_proprietary node 13",
    driver_proprietary_on_blackwell: "drv.flavour needs_open node 13",
    device_numbers_stale: "dev.major stale runtime 12",
    device_cgroup_lost: "dev.cgroup lost runtime 12",
    device_one_of_eight_lost: "dev.nodes lost hardware 14",
    device_gone: "dev.nodes no_device node 13",
    device_mode_forbids: "dev.nodes mode runtime 12",
    device_without_control: "dev.nodes no_control runtime 12",
    device_uvm_not_given: "dev.uvm absent runtime 12",
    device_uvm_not_loaded: "dev.uvm not_loaded node 13",
    mismatch_stale_container: "drv.mismatch stale_container runtime 12",
    mismatch_host_upgraded: "drv.mismatch host_upgraded node 13",
    mismatch_unattended_upgrade: "drv.mismatch host_upgraded node 13",
    mismatch_several_versions: "drv.mismatch several node 13",
    mismatch_driver_in_image: "drv.mismatch baked_in image 11",
    mismatch_empty_files: "drv.mismatch zero_byte image 11",
    mismatch_wrong_volume: "drv.mismatch wrong_mount runtime 12",
    mismatch_stub_first: "drv.mismatch stub user 10",
    mismatch_not_on_the_path: "drv.mismatch not_found runtime 12",
    mismatch_musl: "drv.mismatch musl image 11",
    mismatch_link_to_nothing: "drv.mismatch dangling image 11",
    mismatch_partial_set: "drv.mismatch partial image 11",
}
