#!/usr/bin/env python3
"""Captures of broken GPUs for tests/fixtures/gpu: what the collectors write when the fakes of this folder
answer. The fakes have no kernel driver below them, so the driver's facts are those of a machine in order,
laid over.   make_captures.py TOOLKIT FAKES FOLDER [NAME...]   (FAKES: build/release/tests/labs/gpu/fakes)"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "580.99.99"
ADDRESSES = [f"0000:{0x1A + 0x10 * i:02x}:00.0" for i in range(8)]
LIBRARIES = ("libnvidia-ml", "libcuda", "libnvidia-ptxjitcompiler")
FOLDER = "/usr/lib/x86_64-linux-gnu/"

# Two GPUs with two links are enough where the number does not matter.
FEW = "set gpus 2\nset nvlink.links 2\n"
EIGHT = "set gpus 8\n"

# name: generation, orders of the fake, what is laid over after that
CASES = {
    "gpus_fine": (580, "", {}),
    "nvml_unknown_error_cgroup": (580, "return nvmlInit_v2 999\n", {"refused": True}),
    "nvml_unknown_error": (580, "return nvmlInit_v2 999\n", {}),
    "nvml_reset_required": (550, "return nvmlInit_v2 16\n", {}),
    "gpu_lost": (550, EIGHT + "return nvmlDeviceGetHandleByIndex_v2 15 3\n", {}),
    "driver_hung_in_nvml": (550, EIGHT + "hang nvmlDeviceGetName 3\n", {}),
    "driver_hung_at_start": (535, "hang nvmlInit_v2\n", {}),
    "cuda_system_not_ready": (570, "return cuInit 802\nset fabric.state 1\n", {}),
    "fabric_in_progress": (580, "set fabric.state 2\n", {}),
    "fabric_degraded": (580, "set fabric.health 0x1a9\n", {}),
    "cuda_compat_not_supported": (550, "return cuInit 804\n", {}),
    "cuda_stub": (550, "return cuInit 34\n", {}),
    "gpu_memory_error": (550, "set ecc.volatile_uncorrected 3 1\n", {}),
    "row_remap_failure": (535, "set remap.failure 1 1\n", {}),
    "row_remap_pending": (535, "set remap.pending 1 1\n", {}),
    "recovery_reset": (570, "set field.230 1 1\n", {}),
    "power_brake": (535, "set throttle.reasons 0x88 1\n", {}),
    "pcie_lanes_lost": (510, "set pcie.width 8 1\n", {}),
    "nvlink_down": (550, "set nvlink.links 18\nset nvlink.down 4 0\n", {}),
    "mig_without_instance": (550, "set mig.mode 1 0\n", {}),
    "exclusive_and_held": (535, "set mode.compute 3 1\nset process.memory 4294967296 1\n", {}),
    "xid_79": (550, "", {"log": "6,1,2,-;NVRM: Xid (PCI:0000:2a:00): 79, pid='<unknown>', GPU has fallen "
                                "off the bus.\n"}),
}


def node(name, minor, error=0):
    major = 195 if name != "nvidia-uvm" else 511
    return {"path": f"/dev/{name}", "exists": True, "mode": 0o666, "uid": 0, "gid": 0, "major": major,
            "minor": minor, "open_error": error}


def machine(facts, more, gpus):
    """The facts of a container on a node in order."""
    error = 1 if more.get("refused") else 0
    facts["place"].update(runtime="docker", injection="legacy", kernel="5.15.0-119-generic", uid=0,
                          variables={"NVIDIA_VISIBLE_DEVICES": "all",
                                     "NVIDIA_DRIVER_CAPABILITIES": "compute,utility"})
    driver = facts["driver"]
    version = facts["probes"]["nvml"]["driver_version"] or VERSION
    driver.update(
        module_loaded=True, module_state="live", ioctl_version=version, ioctl_error=0, sysfs_version=version,
        proc_version=version,
        proc_version_line=f"NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {version}",
        majors=[["nvidia", 195], ["nvidia-uvm", 511]],
        nodes=[node("nvidiactl", 255, error), node("nvidia-uvm", 0, error)]
        + [node(f"nvidia{i}", i, error) for i in range(gpus)],
        pci=[{"address": address, "vendor": 0x10DE, "device": 0x2330, "class_code": 0x030200,
              "driver": "nvidia", "numa_node": i // 4, "local_cpus": "0-55" if i < 4 else "56-111"}
             for i, address in enumerate(ADDRESSES[:gpus])],
        proc_gpus=[{"address": address, "model": "NVIDIA H100 80GB HBM3 (fake)", "minor": i,
                    "uuid": f"GPU-fa4e0000-0000-0000-0000-00000000000{i}", "excluded": "No"}
                   for i, address in enumerate(ADDRESSES[:gpus])],
        libraries=[library(name, version) for name in LIBRARIES], history=[])
    for part in ("nvml", "cuda"):
        if facts["probes"][part]["library"]:
            name = "libnvidia-ml" if part == "nvml" else "libcuda"
            facts["probes"][part]["library"] = f"{FOLDER}{name}.so.1"
    facts["host"]["kernel_log"] = more.get("log", "")
    facts["troubles"] = []


def library(name, version):
    return {"path": f"{FOLDER}{name}.so.{version}", "name": name, "version": version, "size": 1996464,
            "reached_by": f"{name}.so.1 -> {name}.so.{version}", "on_loader_path": True, "wins": True,
            "bind_mounted": True, "mount": f"{FOLDER}{name}.so.{version}", "stub": False, "compat": False}


def capture(toolkit, fakes, generation, orders):
    with tempfile.TemporaryDirectory() as folder:
        script, out = Path(folder, "script"), Path(folder, "capture.json")
        script.write_text(FEW + orders)
        environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(Path(fakes, str(generation))),
                       "FAKE_GPU_SCRIPT": str(script)}
        subprocess.run([toolkit, "check-gpu", "--timeout", "1s", "--capture", out], env=environment,
                       stdout=subprocess.DEVNULL, check=False)
        return json.loads(out.read_text())


def main():
    toolkit, fakes, folder = sys.argv[1:4]
    empty = json.loads(Path(folder, "no_gpu_requested.json").read_text())
    for name in sys.argv[4:] or CASES:
        generation, orders, more = CASES[name]
        facts = capture(toolkit, fakes, generation, orders)
        # Of the machine that this runs on, nothing: only what the probes said.
        facts = {**empty, "probes": facts["probes"]}
        facts["place"] = dict(empty["place"])
        machine(facts, more, 8 if EIGHT in orders else 2)
        Path(folder, f"{name}.json").write_text(json.dumps(facts, indent=1) + "\n")


main()
