#!/usr/bin/env python3
"""`run` with --check-gpu, --wait, --with-env and --sync, in all 16 combinations, and what ends each phase.

    run_compose_test.py TOOLKIT

The GPU check is that of this machine: where it is not fit, each line with --check-gpu ends with its code.
"""
import itertools
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time


class Line:
    """One composed line and the places it uses."""

    def __init__(self, toolkit, folder, chosen, condition="file:/proc", script="echo hi; exit 3"):
        self.folder, self.record = pathlib.Path(folder), pathlib.Path(folder) / "state/job/job.json"
        (self.folder / "a").mkdir()
        options = {"check": ["--check-gpu"], "wait": ["--wait", condition, "--wait-timeout", "30s"],
                   "env": ["--with-env"], "sync": ["--sync", f"{folder}/a/={folder}/b/"]}
        self.words = [toolkit, "run", "--name", "job", "--state-dir", f"{folder}/state", "--grace", "10s", "--log",
                      f"{folder}/a/log", *itertools.chain(*(options[name] for name in chosen)), "--", "sh", "-c",
                      f"touch {folder}/mark; {script}"]

    def start(self):
        return subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)

    def started(self):
        return (self.folder / "mark").exists()

    def field(self, name):
        return json.loads(self.record.read_text(encoding="utf-8")).get(name) if self.record.exists() else None

    def becomes(self, state):
        limit = time.monotonic() + 20
        while self.field("state") != state and time.monotonic() < limit:
            time.sleep(0.01)
        expect(self.field("state") == state, f"the record never says {state}")


def expect(holds, words):
    if not holds:
        raise SystemExit(f"run_compose_test: {words}")


def whole_copy(line):
    return (line.folder / "b/log").read_bytes() == (line.folder / "a/log").read_bytes()


def combination(toolkit, folder, chosen, fitness):
    line = Line(toolkit, folder, chosen)
    run = line.start()
    _, err = run.communicate(timeout=60)
    refused = "check" in chosen and fitness >= 10
    expect(run.returncode == (fitness if refused else 3), f"{chosen}: {run.returncode}: {err}")
    expect(line.field("exit_code") == run.returncode and line.field("state") == "exited", f"{chosen}: the record")
    expect(line.started() == (not refused), f"{chosen}: the child")
    expect(("toolkit run: --check-gpu: " in err) == refused, f"{chosen}: {err}")
    expect((line.folder / "b").exists() == ("sync" in chosen and not refused), f"{chosen}: the destination")
    expect("sync" not in chosen or refused or whole_copy(line), f"{chosen}: the copy")


def failed_wait(toolkit, folder):
    line = Line(toolkit, folder, ("wait", "env", "sync"), "file:/nothing")
    line.words[line.words.index("30s")] = "200ms"
    run = line.start()
    _, err = run.communicate(timeout=60)
    expect(run.returncode == 124 and err.count("toolkit run: --wait: ") == 1, f"wait: {run.returncode}: {err}")
    expect(not line.started() and not (line.folder / "b").exists(), "wait: something started")
    expect((line.field("reason"), line.field("exit_code")) == ("not_ready", 124), "wait: the record")


def failed_sync(toolkit, folder):
    line = Line(toolkit, folder, ("wait", "env", "sync"))
    (line.folder / "b").write_text("a file where a directory should be", encoding="ascii")
    line.words[line.words.index("10s")] = "2s"
    run = line.start()
    _, err = run.communicate(timeout=60)
    expect(run.returncode == 3 and "sync: " in err, f"sync: {run.returncode}: {err}")
    expect(line.field("exit_code") == 3, "sync: the record")


def stopped_wait(toolkit, folder):
    line = Line(toolkit, folder, ("wait", "env", "sync"), "file:/nothing")
    run = line.start()
    line.becomes("starting")
    run.send_signal(signal.SIGTERM)
    begin = time.monotonic()
    run.communicate(timeout=60)
    expect(run.returncode == 143 and time.monotonic() - begin < 5, f"stop while waiting: {run.returncode}")
    expect(not line.started() and line.field("exit_code") == 143, "stop while waiting: something started")


def stopped_training(toolkit, folder):
    save = f"sleep 0.3; echo saved >{folder}/a/last.ckpt; exit 0"
    line = Line(toolkit, folder, ("wait", "env", "sync"), script=f"trap '{save}' TERM; echo up; "
                                                               "while :; do sleep 0.05; done")
    run = line.start()
    expect(run.stdout.readline() == "up\n", "stop while training: no start")
    run.send_signal(signal.SIGTERM)
    begin = time.monotonic()
    run.communicate(timeout=60)
    expect(run.returncode == 0 and time.monotonic() - begin < 10, "stop while training: outside the grace")
    expect((line.folder / "b/last.ckpt").read_text(encoding="ascii") == "saved\n" and whole_copy(line),
           "stop while training: what was saved is not there")


def main():
    toolkit = sys.argv[1]
    fitness = subprocess.run([toolkit, "check-gpu", "--quiet"], check=False, capture_output=True).returncode
    for count in range(5):
        for chosen in itertools.combinations(("check", "wait", "env", "sync"), count):
            with tempfile.TemporaryDirectory() as folder:
                combination(toolkit, folder, chosen, fitness)
    for ending in (failed_wait, failed_sync, stopped_wait, stopped_training):
        with tempfile.TemporaryDirectory() as folder:
            ending(toolkit, folder)


main()
