#!/usr/bin/env python3
"""What `run` says of deaths by the OOM killer of cgroup v2. The kernel is Debian's user-mode-linux, 6.1,
with the machine's own files as its root; inside.py is its first process. Exits 77 with a reason where it
cannot be had.

    oom_lab.py TOOLKIT FIXTURE WORK_FOLDER
"""
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BOOT_AND_TESTS = 280  # seconds; some five are the boot, and it takes a processor alone for 20


def kernel(folder):
    """An installed linux.uml, or the one of the package, which is unpacked and not installed."""
    found = shutil.which("linux.uml")
    if found:
        return found
    unpacked = folder.parent / "user-mode-linux"
    program = unpacked / "usr/bin/linux.uml"
    if not program.exists():
        unpacked.mkdir(parents=True, exist_ok=True)
        got = subprocess.run(["apt-get", "download", "-qq", "user-mode-linux"], cwd=unpacked, check=False,
                             stderr=subprocess.DEVNULL)
        for package in unpacked.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, unpacked], check=True)
            package.unlink()
        if got.returncode != 0 or not program.exists():
            return None
    return str(program)


def boot(program, folder, toolkit, fixture):
    init = folder / "init"
    init.write_text(f"#!/bin/sh\nexec /usr/bin/python3 -B {HERE}/inside.py {toolkit} {fixture} {folder}\n")
    init.chmod(0o755)
    command = [program, "mem=256M", "rootfstype=hostfs", "rootflags=/", "rw", f"init={init}", "con=null",
               "con0=fd:0,fd:1", "quiet"]
    # TMPDIR holds the machine's memory, a file.
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                          timeout=BOOT_AND_TESTS, check=False, env={**os.environ, "TMPDIR": "/tmp"}).stdout


def main():
    toolkit, fixture, folder = map(pathlib.Path, map(os.path.abspath, sys.argv[1:4]))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    program = kernel(folder)
    if os.geteuid() != 0 or program is None:
        print("skipped: " + ("needs root" if program else "user-mode-linux cannot be downloaded"))
        return 77
    console = boot(program, folder, toolkit, fixture)
    results = folder / "results"
    text = results.read_text() if results.exists() else ""
    print(text, end="")
    if not text.endswith("done\n"):
        print("the kernel did not come to the end:\n" + console[-3000:])
        return 1
    return 1 if "WRONG" in text else 0


if __name__ == "__main__":
    sys.exit(main())
