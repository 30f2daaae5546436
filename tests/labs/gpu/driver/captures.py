#!/usr/bin/env python3
"""Captures of broken drivers, made by the binary on the trees of broken.py, and what it says of each.

    captures.py TOOLKIT FOLDER [--write FIXTURES]

Each tree is looked at with --root; what a tree cannot have is added to the capture; the replay must name the one
primary finding that broken.py expects. --write also puts the captures into tests/fixtures/gpu and lists them.
"""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import broken


def add_answers(place, capture):
    driver = capture["driver"]
    driver["ioctl_version"] = place.ioctl
    numbers = {"/dev/nvidiactl": (195, 255), "/dev/nvidia-uvm": (place.majors.get("nvidia-uvm", 0), 0),
               "/dev/nvidia-uvm-tools": (place.majors.get("nvidia-uvm", 0), 1)}
    for node in driver["nodes"]:
        if node["exists"]:
            minor = node["path"].removeprefix("/dev/nvidia")
            node["major"], node["minor"] = numbers.get(node["path"]) or (195, int(minor))
            node["uid"] = node["gid"] = 0
            node["open_error"] = place.answers.get(node["path"], 0)
    capture["place"]["uid"] = place.uid
    # The rest is of the machine on which this runs, and not of the tree.
    return {name: capture[name] for name in ("schema", "place", "driver")}


def capture_of(toolkit, place, file):
    place.finish()
    environment = {"PATH": "/usr/bin:/bin", **place.variables}
    subprocess.run([toolkit, "check-gpu", "--root", place.root, "--capture", file], env=environment, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)
    capture = add_answers(place, json.loads(Path(file).read_text()))
    Path(file).write_text(json.dumps(capture, indent=1) + "\n")


def verdict_on(toolkit, file):
    ended = subprocess.run([toolkit, "check-gpu", "--json", "--replay", file], env={"PATH": "/usr/bin:/bin"}, capture_output=True)
    answer = json.loads(ended.stdout)
    primary = [finding for finding in answer["findings"] if finding["primary"]]
    text = [f"{finding['id']} {finding.get('variant') or '-'} {finding['owner']} {ended.returncode}" for finding in primary]
    return ", ".join(text) or "no primary finding"


def list_fixtures(fixtures, names):
    table = fixtures / "expected.tsv"
    lines = [line for line in table.read_text().splitlines() if line.split("\t")[0] not in names]
    lines += ["\t".join([name, *expected.split()]) for name, expected in names.items()]
    table.write_text("\n".join(lines) + "\n")


def main():
    toolkit, folder = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    failures = 0
    for make, expected in broken.EXPECTED.items():
        tree, file = folder / "trees" / make.__name__, folder / f"{make.__name__}.json"
        tree.mkdir(parents=True)
        capture_of(toolkit, make(tree), file)
        verdict = verdict_on(toolkit, file)
        failures += verdict != expected
        print(f"{'right' if verdict == expected else 'WRONG'}  {make.__name__}: {verdict}"
              + ("" if verdict == expected else f", expected {expected}"))
        if "--write" in sys.argv:
            shutil.copy(file, sys.argv[sys.argv.index("--write") + 1])
    if "--write" in sys.argv:
        list_fixtures(Path(sys.argv[sys.argv.index("--write") + 1]), {make.__name__: text for make, text in broken.EXPECTED.items()})
    print(f"{len(broken.EXPECTED)} places, {failures} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
