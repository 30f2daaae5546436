#!/usr/bin/env python3
"""What is released: tarballs, .deb and .rpm with licences and a bill of materials, checksums, and a table of sizes.

  package.py OUT BUILD...    BUILD: folders with a static executable; the first one also gives pages and completions
The time in everything is SOURCE_DATE_EPOCH, else that of the commit, else (a tree without its history) that of the
change log: two builds of one commit give the same bytes.
"""
import collections
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import formats  # noqa: E402
import linked  # noqa: E402
import notices  # noqa: E402
import sbom  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
Release = collections.namedtuple("Release", "version machine epoch texts")


def epoch():
    given = os.environ.get("SOURCE_DATE_EPOCH")
    committed = subprocess.run(["git", "-C", ROOT, "log", "-1", "--format=%ct"], capture_output=True, text=True).stdout
    return int(given or committed or (ROOT / "CHANGELOG.md").stat().st_mtime)


def version(build):
    cache = (build / "CMakeCache.txt").read_text()
    return re.search(r"^CMAKE_PROJECT_VERSION:\w+=(.*)$", cache, re.MULTILINE).group(1)


def machine(executable):
    """By the field e_machine of its header."""
    return {62: "x86_64", 183: "aarch64"}[int.from_bytes(executable.read_bytes()[18:20], "little")]


def release_of(build):
    executable = build / "toolkit"
    packages = linked.linked_packages(build)
    about = version(build), machine(executable)
    texts = {"copyright": formats.COPYRIGHT, "THIRD-PARTY-NOTICES": notices.notices(packages),
             "toolkit.spdx.json": sbom.bill(*about, executable, epoch(), packages)}
    return Release(*about, epoch(), texts)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1]).absolute()
    builds = [pathlib.Path(name).absolute() for name in sys.argv[2:]]
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    made = []
    for build in builds:
        release, executable = release_of(build), build / "toolkit"
        made += [formats.tarball(ROOT, builds[0], executable, release, out),
                 formats.deb(builds[0], executable, release, out),
                 formats.rpm(ROOT, builds[0], executable, release, out)]
        bill = out / f"toolkit-{release.version}-{release.machine}.spdx.json"
        bill.write_text(release.texts["toolkit.spdx.json"])
        made.append(bill)
    if None in made:
        print("no .rpm: rpmbuild is not installed")
    made = sorted(path for path in made if path)
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made)
    (out / "SHA256SUMS").write_text(sums)
    shutil.rmtree(out / "stage")
    for path in made:
        print(f"{path.stat().st_size:>10}  {path.name}")


if __name__ == "__main__":
    main()
