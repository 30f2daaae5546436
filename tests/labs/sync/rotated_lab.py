#!/usr/bin/env python3
"""logrotate at work under a sync that follows, both ways of it: rename and copytruncate.

    rotated_lab.py TOOLKIT FOLDER    FULL=1 for five minutes instead of ten seconds, SEED=N to repeat

By renaming, every line is at the destination exactly once. With copytruncate the copy has all of it, and what
had arrived before a truncation is never overwritten.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

from check import Check, Tool, finish
from places import Directory

FULL = os.environ.get("FULL") == "1"
SECONDS = 300 if FULL else 10


class Lines:
    """Writes numbered lines to a log, and opens it anew when it is told to, as programs do on SIGHUP."""

    def __init__(self, path):
        self.path = path
        self.number = 0
        self.over = threading.Event()
        self.reopen = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        file = open(self.path, "a", buffering=1)
        while not self.over.is_set():
            if self.reopen.is_set():
                file.close()
                file = open(self.path, "a", buffering=1)
                self.reopen.clear()
            for _ in range(50):
                file.write(f"line {self.number} of a training run that says much\n")
                self.number += 1
            time.sleep(0.005)
        file.close()

    def stop(self):
        self.over.set()
        self.thread.join()


def rotate(folder, way):
    config = folder / f"{way}.conf"
    config.write_text(f"{folder}/source/train.log {{\n rotate 100\n size 1\n missingok\n nocompress\n"
                      f" {'copytruncate' if way == 'copytruncate' else 'nocreate'}\n}}\n")
    config.chmod(0o644)
    subprocess.run(["logrotate", "--force", "--state", folder / f"{way}.state", config], check=True)


def numbers(folder):
    """The line numbers of all files there, in the order of the generations, oldest first."""
    found = []
    for path in folder.rglob("train.log*"):
        found += [int(line.split()[1]) for line in path.read_text().splitlines()]
    return found


def by_renaming(check, tool, place, folder):
    source = folder / "source"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    place.clear()
    process = tool.start("--follow", "--growing", "train.log*", "--max-lag", "50ms", "--interval", "500ms", f"{source}/",
                         place.target())
    lines = Lines(source / "train.log")
    rotations = 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(3 if FULL else 1.3)
        rotate(folder, "rename")
        lines.reopen.set()
        rotations += 1
    time.sleep(0.2)
    lines.stop()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    check.equal(f"rename: exit code, {err.decode()[-300:]}", process.returncode, 0)
    check.equal("rename: every line exactly once", sorted(numbers(place.content())), list(range(lines.number)))
    there = {path.name: path.read_bytes() for path in place.content().iterdir()}
    here = {path.name: path.read_bytes() for path in source.iterdir()}
    check.equal("rename: the same names", sorted(there), sorted(here))
    sent = __import__("json").loads(out.decode().splitlines()[-1])
    size = sum(len(text) for text in here.values())
    check.true(f"rename: {sent['sent_bytes']} bytes sent of {size}", sent["sent_bytes"] <= size * 1.05)
    print(f"rename: {rotations} rotations, {lines.number} lines", flush=True)


def by_copying(check, tool, place, folder):
    source = folder / "source"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir()
    place.clear()
    process = tool.start("--follow", "--max-lag", "50ms", "--interval", "200ms", f"{source}/", place.target())
    lines = Lines(source / "train.log")
    for _ in range(int(SECONDS / 2)):
        time.sleep(1.5)
        rotate(folder, "copytruncate")
    time.sleep(0.2)
    lines.stop()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    check.equal(f"copytruncate: exit code, {err.decode()[-300:]}", process.returncode, 0)
    # What logrotate itself loses between its copy and its truncation, nobody can have.
    existing = set(numbers(source))
    there = numbers(place.content())
    check.equal("copytruncate: no line is there that was not written",
                [n for n in set(there) if n >= lines.number], [])
    check.equal("copytruncate: every line that still exists is there", sorted(existing - set(there)), [])
    print(f"copytruncate: {lines.number} lines written, {len(set(there))} there", flush=True)


def main():
    binary, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if not shutil.which("logrotate"):
        print("skipped: logrotate is not installed")
        sys.exit(1 if os.environ.get("TOOLKIT_LABS") == "required" else 77)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    check = Check()
    place = Directory(folder)
    place.start()
    by_renaming(check, Tool(binary, place, folder / "state-a"), place, folder)
    by_copying(check, Tool(binary, place, folder / "state-b"), place, folder)
    finish(check)


main()
