#!/usr/bin/env python3
"""What `toolkit sync` writes for programs is what its published JSON Schema says.

    sync_schema_test.py TOOLKIT SCHEMA
"""
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import jsonschema


def sync(toolkit, folder, *options):
    done = subprocess.run([toolkit, "sync", "--json", "--state-dir", folder / "state", *options], check=False,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def lines_of_all_kinds(toolkit, folder):
    """Runs in which everything happens that an event tells of, and what each left on stdout."""
    source, place, status = folder / "a", folder / "b", folder / "status.json"
    source.mkdir()
    for name, text in (("x.log", "one\n"), ("model.bin", "weights"), ("skip.tmp", "-"), ("dir.log", "file")):
        (source / name).write_text(text)
    (source / os.fsdecode(b"bad\xff\"name\n.log")).write_text("odd")
    (place / "dir.log").mkdir(parents=True)
    words = ("--exclude", "*.tmp", f"{source}/", f"{place}/")
    yield sync(toolkit, folder, "--dry-run", *words), 1
    yield sync(toolkit, folder, *words), 1
    (source / "x.log").write_text("another beginning\n")
    (source / "model.bin").write_text("other weights")
    (place / "dir.log").rmdir()
    yield sync(toolkit, folder, *words), 0
    with open(source / "x.log", "a", encoding="ascii") as file:
        file.write("more\n")
    yield sync(toolkit, folder, *words), 0
    (source / "x.log").rename(source / "y.log")
    yield sync(toolkit, folder, "--growing", "*.log", "--follow", "--until", f"file:{source}/y.log", "--status-file",
               status, *words), 0
    yield (0, [json.loads(status.read_text())]), 0
    yield sync(toolkit, folder, "--retries", "1", "--retry-delay", "1ms", f"{source}/", "sftp://127.0.0.1:1/x"), 75
    yield sync(toolkit, folder, f"{folder}/nothing/", f"{place}/"), 1


def main():
    toolkit, schema = sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="ascii"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    seen, wrong, lines_seen = collections.Counter(), [], 0
    with tempfile.TemporaryDirectory() as folder:
        for (code, lines), wanted in lines_of_all_kinds(toolkit, pathlib.Path(folder)):
            if code != wanted:
                wrong.append(f"exit code {code}, not {wanted}: {lines}")
            lines_seen += len(lines)
            for line in lines:
                seen[line.get("event", "status")] += 1
                seen[line.get("action", "no action")] += 1
                wrong += [f"{error.message} in {line}" for error in validator.iter_errors(line)]
    never = {"file", "problem", "retry", "summary", "status", "created", "appended", "replaced", "renamed", "kept",
             "left_out"} - set(seen)
    if never:
        wrong.append(f"never seen: {sorted(never)}")
    print("\n".join(wrong) or f"{lines_seen} lines as the schema says")
    return 1 if wrong else 0


sys.exit(main())
