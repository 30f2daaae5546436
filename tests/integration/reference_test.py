#!/usr/bin/python3
"""Holds the committed completions and man pages against what the built binary makes of them today, and
against the tools that read such files.

Usage: reference_test.py [--update] [TOOLKIT]   (else $TOOLKIT_BINARY); --update writes the files instead.
"""
import difflib
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def generated():
    """Every committed file and the arguments that make it."""
    files = {"completions/toolkit.bash": ["completion", "bash"],
             "completions/_toolkit": ["completion", "zsh"],
             "completions/toolkit.fish": ["completion", "fish"]}
    for prose in sorted((ROOT / "man").glob("*.1.in")):
        page = prose.name.removesuffix(".1.in")
        files[f"man/{page}.1"] = ["man", *page.split("-", 1)[1:]]
    return files


def checkers(file):
    """Command lines that have nothing to say about a good file."""
    if file.endswith(".1"):
        return [["mandoc", "-T", "lint"]]
    if file.endswith(".bash"):
        return [["bash", "-n"], ["shellcheck"]]
    return [["fish", "-n"]] if file.endswith(".fish") else [["zsh", "-n"]]


def output_of(toolkit, arguments):
    done = subprocess.run([toolkit, *arguments], capture_output=True, text=True)
    if done.returncode != 0 or done.stderr:
        sys.exit(f"toolkit {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def difference(file, today):
    path = ROOT / file
    committed = path.read_text() if path.exists() else ""
    return "".join(difflib.unified_diff(committed.splitlines(True), today.splitlines(True), file, "made today"))


def complaints(file):
    for checker in checkers(file):
        done = subprocess.run([*checker, ROOT / file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0 or done.stdout:
            yield f"{' '.join(checker)} {file}: exit code {done.returncode}\n{done.stdout}"


def main():
    arguments = sys.argv[1:]
    update = "--update" in arguments
    named = [word for word in arguments if not word.startswith("--")]
    toolkit = named[0] if named else os.environ["TOOLKIT_BINARY"]
    wrong = []
    for file, how in generated().items():
        today = output_of(toolkit, how)
        if update:
            (ROOT / file).write_text(today)
        elif change := difference(file, today):
            wrong.append(f"{change}  try: {sys.argv[0]} --update {toolkit}")
        wrong += complaints(file)
    print("\n".join(wrong) if wrong else f"{len(generated())} files are as the binary makes them")
    return 1 if wrong else 0


if __name__ == "__main__":
    absent = [tool for tool in ("mandoc", "shellcheck", "zsh", "fish") if not shutil.which(tool)]
    if absent:
        print("skipped, not installed:", *absent)
        sys.exit(77)
    sys.exit(main())
