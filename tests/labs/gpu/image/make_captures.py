#!/usr/bin/env python3
"""Captures of images that do not fit their driver or GPUs, for tests/fixtures/gpu.

What is said of the image is what the product's own collector saw in a tree that is made here; the machine around
it is the capture gpus_fine of the fakes, with another driver or other variables where the case is about them.
    make_captures.py TOOLKIT FIXTURES
"""
import copy
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

SITE = "usr/local/lib/python3.11/site-packages"


def entry(kind, architecture, isa=(0, 0)):
    body = b"\n.version %d.%d\n.target sm_%d\n" % (*isa, architecture) if kind == 1 else bytes(64)
    body += bytes(-len(body) % 8)
    return struct.pack("<HHIQQHHIQQ", kind, 0x101, 64, len(body), len(body), isa[1], isa[0], architecture, 0,
                       0 if kind == 1 else 0x2000) + bytes(16) + body


def elf(name, kind, code):
    """A library with one section."""
    code += bytes(-len(code) % 8)
    names = b"\0" + name + b"\0.shstrtab\0"
    end = 64 + len(code) + len(names)
    headers = bytes(64) + struct.pack("<IIQQQQIIQQ", 1, kind, 0, 0, 64, len(code), 0, 0, 4, 0)
    headers += struct.pack("<IIQQQQIIQQ", len(name) + 2, 3, 0, 0, 64 + len(code), len(names), 0, 0, 1, 0)
    start = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, end, 0, 64, 0, 0, 64, 3, 2)
    return start + code + names + headers


def library(entries):
    code = b"".join(entries)
    padding = bytes(32 << 10)  # smaller ones are not looked into
    return elf(b".nv_fatbin", 1, struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(code)) + code + padding)


def compat(branches):
    note = json.dumps({"Format": 1, "CUDA Version": "13.0", "Driver": branches, "Device": [1, 7, 8]}).encode() + b"\0"
    note += bytes(-len(note) % 4)
    owner = b"NVIDIA Corporation\0\0"
    return elf(b".note.cuda.fwd_compatibility", 7, struct.pack("<III", 19, len(note), 1) + owner + note)


def torch(cuda, entries):
    return {f"{SITE}/torch-2.4.0.dist-info/METADATA": b"",
            f"{SITE}/torch/version.py": f"__version__ = '2.4.0'\ncuda: Optional[str] = '{cuda}'\n".encode(),
            f"{SITE}/torch/lib/libtorch_cuda.so": library(entries)}


def image_of(toolkit, files, variables):
    """What the collector sees of an image with these files."""
    with tempfile.TemporaryDirectory() as root:
        for path, content in files.items():
            file = pathlib.Path(root, "tree", path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        capture = pathlib.Path(root, "capture.json")
        subprocess.run([toolkit, "check-gpu", "--quiet", "--root", f"{root}/tree", "--capture", capture], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env={"PATH": "/usr/bin", **{name: variables[name] for name in variables if name == "CUDA_VERSION"}})
        return json.loads(capture.read_text())["image"]


HOPPER = [entry(2, 80), entry(2, 90)]
COMPAT = "usr/local/cuda-13.0/compat/libcuda.so.580.65.06"


def uses_compat(facts):
    """The loader takes the library of the image."""
    older_driver(facts)
    for one in facts["driver"]["libraries"]:
        if one["name"] == "libcuda":
            one["wins"] = False
    facts["driver"]["libraries"].append({"path": "/" + COMPAT, "name": "libcuda", "version": "580.65.06", "size": 1,
                                         "reached_by": "", "on_loader_path": True, "wins": True, "bind_mounted": False,
                                         "mount": "", "stub": False, "compat": True})


def sees_nothing(facts):
    facts["probes"]["cuda"].update(init_error=100, gpus=[])
    facts["probes"]["cuda"].pop("count", None)


def older_driver(facts):
    """All that names the driver's version names that of CUDA 12.2."""
    new = facts["probes"]["nvml"]["driver_version"]
    text = json.dumps(facts).replace(new, "535.104.05")
    facts.clear()
    facts.update(json.loads(text))
    facts["probes"]["nvml"]["cuda_version"] = facts["probes"]["cuda"]["driver_version"] = 12020


def is_volta(facts):
    """An older GPU."""
    for one in facts["probes"]["nvml"]["gpus"] + facts["probes"]["cuda"]["gpus"]:
        one["name"], one["compute_capability"] = "Tesla V100-SXM2-32GB (fake)", "7.0"


# Name, files of the image, variables, what else is different.
CASES = [
    ("image_newer_than_driver", torch("13.0", HOPPER), {}, older_driver),
    ("image_compat_not_used", {COMPAT: compat([535, 550])}, {"CUDA_VERSION": "13.0.1"}, older_driver),
    ("image_compat_for_other_drivers", {COMPAT: compat([550, 570])}, {"CUDA_VERSION": "13.0.1"}, uses_compat),
    ("image_without_code_for_gpu", torch("12.1", [entry(2, 70), entry(2, 80)]), {}, None),
    ("image_ptx_newer_than_driver", torch("12.1", [entry(2, 80), entry(1, 80, (8, 7))]), {}, older_driver),
    ("image_dropped_the_gpu", torch("13.0", [entry(2, 80), entry(2, 90)]), {}, is_volta),
    ("image_requires_newer_driver", {}, {"NVIDIA_REQUIRE_CUDA": "cuda>=12.6 driver>=560"}, older_driver),
    ("visible_devices_minus_one", {}, {"CUDA_VISIBLE_DEVICES": "-1"}, sees_nothing),
    ("visible_devices_repeated", {}, {"CUDA_VISIBLE_DEVICES": "0,1,0"}, sees_nothing),
    ("visible_devices_cut_short", {}, {"CUDA_VISIBLE_DEVICES": "0,7,1"}, None),
]


def main():
    toolkit, fixtures = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    fine = json.loads((fixtures / "gpus_fine.json").read_text())
    for name, files, variables, change in CASES:
        facts = copy.deepcopy(fine)
        facts["image"] = image_of(toolkit, files, variables)
        facts["place"]["variables"].update(variables)
        if change:
            change(facts)
        (fixtures / f"{name}.json").write_text(json.dumps(facts, indent=2) + "\n")


if __name__ == "__main__":
    main()
