#!/usr/bin/env python3
"""The probe that the executable carries: small, and content with the oldest glibc of its architecture.
   probe_carried_test.py PROBE TOOLKIT"""

import re
import subprocess
import sys
from pathlib import Path

MOST_BYTES = 64 * 1024
OLDEST = {"X86-64": "GLIBC_2.2.5", "AArch64": "GLIBC_2.17"}


def readelf(option, path):
    return subprocess.run(
        ["readelf", "--wide", option, path], check=True, capture_output=True, text=True
    ).stdout


def main():
    probe, toolkit = Path(sys.argv[1]), Path(sys.argv[2])
    wrong = []
    if probe.stat().st_size >= MOST_BYTES:
        wrong.append(f"{probe.stat().st_size} bytes, {MOST_BYTES} are too many")
    machine = re.search(r"Machine:\s+.*?(X86-64|AArch64)", readelf("-h", probe)).group(1)
    versions = set(re.findall(r"Name: (\S+)\s+Flags", readelf("-V", probe)))
    if versions != {OLDEST[machine]}:
        wrong.append(f"wants {sorted(versions)}, {OLDEST[machine]} is all there may be")
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", readelf("-d", probe)))
    if needed != {"libc.so.6", "libdl.so.2", "libpthread.so.0"}:
        wrong.append(f"needs {sorted(needed)}")
    if probe.read_bytes() not in toolkit.read_bytes():
        wrong.append(f"{toolkit} does not carry it")
    print("\n".join(wrong) or f"{probe.stat().st_size} bytes, {versions}, {needed}")
    sys.exit(bool(wrong))


main()
