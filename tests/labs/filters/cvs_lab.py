#!/usr/bin/env python3
"""`toolkit sync --cvs-exclude` against rsync: the same files, whatever rules stand before or behind it.

    cvs_lab.py TOOLKIT FOLDER
"""
import os
import pathlib
import shutil
import subprocess
import sys

FILES = ["a.c", "a.o", "core", "x~", "#x#", "keep.o", "mine1", "env.tmp", "local.dat", "d/local.dat", "d/b.c", "d/b.o",
         "d/mine2", "d/.git/config", ".git/HEAD", "CVS/Entries", "d/e/local.dat", "d/e/b.exe", "tags", "d/TAGS"]
CASES = [["-C"], ["--cvs-exclude", "--include=*.o"], ["--exclude=b.c", "-C"], ["-C", "--filter=+ local.dat"],
         ["--include=*/", "--exclude=*.c", "-C"], ["--filter=:C"], ["--filter=-C", "--include=core"]]


def listed(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def main():
    toolkit, work = sys.argv[1], pathlib.Path(sys.argv[2])
    if shutil.which("rsync") is None:
        print("skipped: rsync is not installed")
        return 1 if os.environ.get("TOOLKIT_LABS") == "required" else 77
    shutil.rmtree(work, ignore_errors=True)
    for name in FILES:
        path = work / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (work / "source/d/.cvsignore").write_text("local.dat\nb.exe")
    (work / ".cvsignore").write_text("mine*\n")
    environment = {**os.environ, "HOME": str(work), "CVSIGNORE": "env.* *.nothing"}
    wrong = 0
    for number, rules in enumerate(CASES):
        results = []
        for name, words in (("rsync", ["rsync", "-r"]), ("toolkit", [toolkit, "sync", "-q", "--state-dir", work / "state"])):
            there = work / f"{name}{number}"
            subprocess.run([*words, *rules, f"{work}/source/", f"{there}/"], env=environment, check=True)
            results.append(listed(there))
        good = results[0] == results[1]
        wrong += not good
        print(f"{'ok' if good else 'FAIL':5} {' '.join(rules)}: {len(results[0])} of {len(FILES) + 1} files"
              + ("" if good else f"; only one has {sorted(set(results[0]) ^ set(results[1]))}"))
    return 1 if wrong else 0


sys.exit(main())
