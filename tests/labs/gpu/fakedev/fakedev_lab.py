#!/usr/bin/env python3
"""The release binary and its probes before device files that are fakes: fakedev answers their open, stat and ioctl.

    fakedev_lab.py TOOLKIT FAKEDEV

Runs as user 65534 where it may choose, else as itself; without capabilities and without any device.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "driver"))
from places import NEW, OLD, Place  # noqa: E402

NODES = {"nvidiactl": "195:255", "nvidia0": "195:0", "nvidia1": "195:1", "nvidia-uvm": "508:0", "nvidia-uvm-tools": "508:1"}


class Lab:
    def __init__(self, toolkit, fakedev, folder):
        self.folder, self.failures = Path(folder), 0
        for name, file in (("toolkit", toolkit), ("fakedev", fakedev)):
            shutil.copy(file, self.folder / name)
            (self.folder / name).chmod(0o755)
        self.folder.chmod(0o755)

    def place(self, name, version=NEW, **options):
        (self.folder / name).mkdir()
        return Place(self.folder / name, version=version, **options)

    def run(self, place, errors=None, version=NEW, arguments=("--json",), everything=None):
        """What the tree has is laid over the real paths; the nodes are fakes, with these errors."""
        place.finish()
        rules = [f"/{part}=@{place.root / part}" for part in ("dev", "sys/module", "sys/bus/pci", "sys/devices/pci0000:3a", "proc/driver", "proc/devices",
                                                              "proc/self/mountinfo", ".dockerenv", "usr/local/nvidia") if (place.root / part).exists()]
        for name, numbers in NODES.items():
            rules.append(f"/dev/{name}={(errors or {}).get(name, everything or 'ok')}:{numbers}")
        user = ["--as", "65534"] if os.getuid() == 0 else []
        words = [str(self.folder / "fakedev"), *user, *(["--version", version] if version else []), *rules, "--",
                 str(self.folder / "toolkit"), "check-gpu", "--timeout", "5s", *arguments]
        ended = subprocess.run(words, env={"PATH": "/usr/bin:/bin", "NVIDIA_VISIBLE_DEVICES": "all", **place.variables},
                               capture_output=True, cwd="/", timeout=60)
        if ended.returncode == 77:
            print(ended.stderr.decode().strip())
            sys.exit(77)
        return ended

    def check(self, name, right, seen):
        self.failures += not right
        print(f"{'right' if right else 'WRONG'}  {name}" + ("" if right else f": {seen}"))


def finding(answer, identity, status=None):
    found = [one for one in answer["findings"] if one["id"] == identity and status in (None, one["status"])]
    return found[0] if found else {}


def in_short(answer):
    return [f"{one['id']} {one['status']} {one.get('variant', '')}" for one in answer["findings"] if one["primary"]]


def one_lost_gpu(lab):
    place = lab.place("lost").inject()
    ended = lab.run(place, {"nvidia1": "EIO", "nvidia-uvm": "ENOENT"})
    answer = json.loads(ended.stdout)
    nodes, uvm = finding(answer, "dev.nodes", "fail"), finding(answer, "dev.uvm")
    loaded = finding(answer, "drv.loaded")
    lab.check("the version comes from the ioctl", any(NEW in line and "ioctl" in line for line in loaded.get("evidence", [])), loaded)
    lab.check("EIO of one GPU is a lost GPU, by its address", (nodes.get("variant"), nodes.get("scope")) == ("lost", "0000:3c:00.0"), nodes)
    lab.check("and is primary, with the code of hardware", nodes.get("primary") and ended.returncode == 14, (in_short(answer), ended.returncode))
    lab.check("the other GPU opens", any("/dev/nvidia0" in line for line in finding(answer, "dev.nodes", "pass").get("evidence", [])), answer["findings"])
    lab.check("nvidia-uvm is missing", uvm.get("variant") == "absent", uvm)


def lost_cgroup(lab):
    place = lab.place("cgroup").inject()
    ended = lab.run(place, everything="EPERM", arguments=())
    text = " ".join(ended.stdout.decode().split())
    lab.check("EPERM on all is the cgroup, with the remedy", "dev.cgroup FAIL" in text and "systemctl daemon-reload" in text, text)
    lab.check("for the runtime", ended.returncode == 12, ended.returncode)
    lab.check("and nobody says Unknown Error", "unknown error" not in (text + ended.stderr.decode()).lower(), text)


def stale_proc(lab):
    place = lab.place("stale", OLD)
    place.directory("usr/local/nvidia/lib64")
    for name in ("libcuda", "libnvidia-ml", "libnvidia-ptxjitcompiler"):
        place.library(name, OLD, "usr/local/nvidia/lib64")
    place.mount("/proc/driver/nvidia", "/", "tmpfs")
    place.write("sys/module/nvidia/version", NEW + "\n")
    place.variables["LD_LIBRARY_PATH"] = "/usr/local/nvidia/lib64"
    ended = lab.run(place)
    answer = json.loads(ended.stdout)
    mismatch = finding(answer, "drv.mismatch")
    evidence = " ".join(mismatch.get("evidence", []))
    lab.check("the ioctl belies a stale /proc and stale libraries", mismatch.get("variant") == "stale_container" and mismatch["primary"], mismatch or in_short(answer))
    lab.check("with both versions as evidence", f"ioctl 0xC04846D2 on /dev/nvidiactl: {NEW}" in evidence and f"copy of the container's start: {OLD}" in evidence, evidence)
    lab.check("for the runtime", ended.returncode == 12, ended.returncode)


def stale_numbers(lab):
    place = lab.place("numbers").inject()
    place.majors["nvidia-uvm"] = 511
    place.module(NEW)
    answer = json.loads(lab.run(place).stdout)
    lab.check("a major of an earlier load is told", in_short(answer) == ["dev.major fail stale"], in_short(answer))


def main():
    with tempfile.TemporaryDirectory(prefix="fakedev-") as folder:
        lab = Lab(sys.argv[1], sys.argv[2], folder)
        for case in (one_lost_gpu, lost_cgroup, stale_proc, stale_numbers):
            case(lab)
    print(f"{lab.failures} wrong")
    return 1 if lab.failures else 0


if __name__ == "__main__":
    sys.exit(main())
