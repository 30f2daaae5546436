"""How long a look into the GPU code of a library of 300 MB takes, held against reading all of it."""
import json
import os
import struct
import subprocess
import time

from context import Bar, Panel, Result, quartiles

ARCHITECTURES = [50, 60, 70, 75, 80, 86, 90]
SITE = "usr/local/lib/python3.11/site-packages"


def container(size):
    """One translation unit: an entry an architecture, compressed, `size` bytes together."""
    payload = size // len(ARCHITECTURES) // 8 * 8
    body = b"".join(struct.pack("<HHIQQHHIQQ", 2, 0x101, 64, payload, payload, 0, 0, number, 0, 0x2000) + bytes(16) +
                    os.urandom(payload) for number in ARCHITECTURES)
    return struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(body)) + body


def library(path, mebibytes):
    """libtorch_cuda as it is outside: one section with thousands of containers, some 100 KB each."""
    code = b"".join(container(100_000) for _ in range(mebibytes * 10))
    names = b"\0.nv_fatbin\0.shstrtab\0"
    at = 64 + len(code)
    headers = bytes(64) + struct.pack("<IIQQQQIIQQ", 1, 1, 2, 0, 64, len(code), 0, 0, 8, 0)
    headers += struct.pack("<IIQQQQIIQQ", 12, 3, 0, 0, at, len(names), 0, 0, 1, 0)
    start = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, at + len(names), 0, 64, 0, 0, 64, 3, 2)
    with open(path, "wb") as file:
        for part in (start, code, names, headers):
            file.write(part)


def trees(context, mebibytes):
    """The same image twice, without and with the library."""
    roots = []
    for name in ("without", "with"):
        root = os.path.join(context.memory, "fatbin", name)
        os.makedirs(f"{root}/{SITE}/torch/lib", exist_ok=True)
        os.makedirs(f"{root}/{SITE}/torch-2.4.0.dist-info", exist_ok=True)
        roots.append(root)
    library(f"{roots[1]}/{SITE}/torch/lib/libtorch_cuda.so", mebibytes)
    return roots


def milliseconds(command):
    """Of one run; without GPUs its answer is no."""
    began = time.monotonic()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.monotonic() - began) * 1000


def measure(context):
    mebibytes = 300
    without, within = trees(context, mebibytes)
    library_path = f"{within}/{SITE}/torch/lib/libtorch_cuda.so"
    capture = subprocess.run([context.toolkit, "check-gpu", "--root", within, "--scan", "30s", "--capture", "-"], check=False,
                             capture_output=True, text=True)
    code = json.JSONDecoder().raw_decode(capture.stdout[capture.stdout.index("{"):])[0]["image"]["code"]
    assert sorted(code[0]["sass"], key=int) == [str(one) for one in ARCHITECTURES] and code[0]["complete"], code
    commands = {
        "toolkit check-gpu, no library": [context.toolkit, "check-gpu", "--root", without, "--scan", "30s"],
        f"toolkit check-gpu, {mebibytes} MiB library": [context.toolkit, "check-gpu", "--root", within, "--scan", "30s"],
        f"cksum of the {mebibytes} MiB": ["/usr/bin/cksum", library_path],
    }
    rounds = [[milliseconds(command) for command in commands.values()] for _ in range(context.scaled(20, 50))]
    times = {name: quartiles(list(row)) for name, row in zip(commands, zip(*rounds))}
    base, whole, peer = (times[name][1] for name in commands)
    return Result(
        title="GPU code of a library",
        bars=[Bar(f"look into {mebibytes} MiB of fatbins", "< 1 s", f"{whole - base:.1f} ms", f"cksum {peer:.0f} ms",
                  f"{(whole - base) / peer:.3f}", whole - base < 1000)],
        panels=[Panel("Look into the GPU code", "ms", [(n, t[1]) for n, t in times.items()], 1000, "1 s")],
        columns=["command", "median ms", "quartiles"],
        rows=[[name, f"{t[1]:.2f}", f"{t[0]:.2f} to {t[2]:.2f}"] for name, t in times.items()])
