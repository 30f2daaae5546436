#!/usr/bin/env python3
"""Captures of broken clusters, made by the binary on the trees of broken_clusters.py, and what it says of each.

    cluster_captures.py TOOLKIT FOLDER [--write FIXTURES]

As the driver's lab does: looked at with --root, made whole by what a tree cannot have, replayed. Where strace is,
each tree is looked at under it: no counter may be opened, and no file of an adapter twice.
"""
import collections
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import broken_clusters
import clusters  # noqa: F401: knows where the driver's lab is
from captures import add_answers, list_fixtures

PATH = {"PATH": "/usr/bin:/bin"}


def make_whole(place, capture):
    made = add_answers(place, dict(capture))
    rdma = capture["rdma"]
    for adapter in rdma["adapters"]:
        if adapter["name"] in place.refused:
            adapter["verbs_open_error"] = place.refused[adapter["name"]]
    return {**made, "host": place.host, "rdma": rdma}


def opened_wrongly(trace):
    """Files of adapters that were opened twice, and counters that were opened at all."""
    opens = collections.Counter(re.findall(r'open\w*\([^"]*"[^"]*(/sys/class/infiniband/[^"]*/ports/[^"]*)"', trace))
    lists = ("/ports", "/ports/", "/gids", "/gid_attrs", "/pkeys")
    return [name for name, times in opens.items() if "counters" in name or (times > 1 and not name.endswith(lists))]


def look(toolkit, place, file):
    place.finish()
    command = [toolkit, "check-gpu", "--root", str(place.root), "--capture", file]
    trace = Path(str(file) + ".trace")
    if shutil.which("strace"):
        command = ["strace", "-f", "-e", "trace=open,openat", "-s", "400", "-o", str(trace)] + command
    subprocess.run(command, env={**PATH, **place.variables}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    capture = make_whole(place, json.loads(Path(file).read_text().replace(str(place.root), "")))
    Path(file).write_text(json.dumps(capture, indent=1) + "\n")
    return opened_wrongly(trace.read_text()) if trace.exists() else []


def verdict_on(toolkit, place, file):
    ended = subprocess.run([toolkit, "check-gpu", "--json", "--replay", file, *place.wanted], env=PATH, capture_output=True)
    findings = json.loads(ended.stdout)["findings"]
    primary = [f"{one['id']} {one.get('variant') or '-'} {one['owner']} {ended.returncode}" for one in findings
               if one["primary"]]
    return ", ".join(primary) or "no primary finding", [f"{one['id']}: {one['cause']}" for one in findings]


def main():
    toolkit, folder = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).absolute()
    fixtures = Path(sys.argv[sys.argv.index("--write") + 1]) if "--write" in sys.argv else None
    shutil.rmtree(folder, ignore_errors=True)
    places, failures = broken_clusters.EXPECTED | broken_clusters.SAID, 0
    for make, expected in places.items():
        tree, file = folder / "trees" / make.__name__, folder / f"{make.__name__}.json"
        tree.mkdir(parents=True)
        place = make(tree)
        wrong = look(toolkit, place, file)
        primary, said = verdict_on(toolkit, place, file)
        right = primary == expected if make in broken_clusters.EXPECTED else any(text.startswith(expected) for text in said)
        failures += not right or bool(wrong)
        print(f"{'right' if right and not wrong else 'WRONG'}  {make.__name__}: {primary}" +
              ("" if right else f", expected {expected}") + (f", opened {wrong}" if wrong else ""))
        if fixtures and make in broken_clusters.EXPECTED:
            shutil.copy(file, fixtures)
    if fixtures:
        list_fixtures(fixtures, {make.__name__: " ".join([text, *make(folder / "again" / make.__name__).wanted])
                                 for make, text in broken_clusters.EXPECTED.items()})
    print(f"{len(places)} places, {failures} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
