#!/usr/bin/env python3
"""`run` with --check-gpu, --wait, --with-env and --sync, in all 16 combinations, and what ends each phase.

    run_compose_test.py TOOLKIT FAKES

The GPU check is that of this machine, which refuses each line with --check-gpu where it is not fit, and then
that of a fake driver from FAKES, which answers: with it the line goes on.
"""
import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time


class Line:
    """One composed line and the places it uses."""

    def __init__(self, toolkit, folder, chosen, condition="file:/proc", script="echo hi; exit 3",
                 driver=None):
        self.folder, self.record = pathlib.Path(folder), pathlib.Path(folder) / "state/job/job.json"
        (self.folder / "a").mkdir()
        self.events = self.folder / "events"
        self.variables = dict(os.environ, **({"LD_LIBRARY_PATH": driver} if driver else {}))
        expected = ["--check-gpu-expect", "0"] if driver else []  # its GPUs have no device files here
        options = {"check": ["--check-gpu", *expected], "wait": ["--wait", condition, "--wait-timeout", "30s"],
                   "env": ["--with-env"], "sync": ["--sync", f"{folder}/a/={folder}/b/"]}
        self.words = [toolkit, "run", "--name", "job", "--state-dir", f"{folder}/state", "--grace", "10s", "--log",
                      f"{folder}/a/log", "--events", str(self.events), *itertools.chain(*(options[name] for name in chosen)), "--", "sh", "-c",
                      f"touch {folder}/mark; {script}"]

    def start(self):
        return subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, env=self.variables)

    def started(self):
        return (self.folder / "mark").exists()

    def field(self, name):
        return json.loads(self.record.read_text(encoding="utf-8")).get(name) if self.record.exists() else None

    def phases(self):
        """(event, phase, exit code) in order; `child` stands where it started and ended."""
        named = {"started": ("started", "child", None), "exited": ("ended", "child", None)}
        lines = map(json.loads, self.events.read_text(encoding="utf-8").splitlines())
        return [named.get(one["event"]) or (one["event"].removeprefix("phase_"), one["phase"], one.get("exit_code"))
                for one in lines if one["event"] in named or "phase" in one]

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


def passed(*names):
    return [event for name in names for event in (("started", name, None), ("ended", name, 0))]


def told(line, chosen, fitness, err):
    """Each phase has its events and its log lines, in the order in which they come."""
    refused = "check" in chosen and fitness >= 10
    before = [name for key, name in (("env", "with-env"), ("check", "check-gpu"), ("wait", "wait")) if key in chosen]
    if refused:
        wanted = passed(*before[:before.index("check-gpu")]) + [("started", "check-gpu", None), ("ended", "check-gpu", fitness)]
    else:
        sync = passed("sync") if "sync" in chosen else []
        wanted = passed(*before) + sync[:1] + [("started", "child", None), ("ended", "child", None)] + sync[1:]
    expect(line.phases() == wanted, f"{chosen}: events: {line.phases()}")
    for word, name, code in wanted:
        said = f"run: {name}: " + ("begins" if word == "started" else f"ended with {code}" if code else "done after ")
        expect(name == "child" or err.count(said) == 1, f"{chosen}: no '{said}': {err}")
    expect(line.field("phase") == ("check-gpu" if refused else None), f"{chosen}: phase {line.field('phase')}")


def combination(toolkit, folder, chosen, fitness, driver=None):
    line = Line(toolkit, folder, chosen, driver=driver)
    run = line.start()
    _, err = run.communicate(timeout=60)
    told(line, chosen, fitness, err)
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
    expect(line.field("phase") == "wait", f"stop while waiting: phase {line.field('phase')}")
    run.send_signal(signal.SIGTERM)
    begin = time.monotonic()
    run.communicate(timeout=60)
    expect(run.returncode == 143 and time.monotonic() - begin < 5, f"stop while waiting: {run.returncode}")
    expect(not line.started() and line.field("exit_code") == 143, "stop while waiting: something started")


def stopped_training(toolkit, folder, driver):
    """One grace for all: the child's checkpoint and what is still to be sent end inside it."""
    save = f"sleep 0.3; head -c 10000000 /dev/urandom >{folder}/a/weights; echo saved >{folder}/a/last.ckpt; exit 0"
    line = Line(toolkit, folder, ("check", "wait", "env", "sync"), driver=driver, script=f"trap '{save}' TERM; echo up; "
                                                               "while :; do sleep 0.05; done")
    run = line.start()
    expect(run.stdout.readline() == "up\n", "stop while training: no start")
    run.send_signal(signal.SIGTERM)
    begin = time.monotonic()
    run.communicate(timeout=60)
    expect(run.returncode == 0 and time.monotonic() - begin < 10, "stop while training: outside the grace")
    expect((line.folder / "b/last.ckpt").read_text(encoding="ascii") == "saved\n" and whole_copy(line),
           "stop while training: what was saved is not there")
    expect((line.folder / "b/weights").stat().st_size == 10_000_000, "stop while training: the weights are not there")


def slow_to_stop(toolkit, folder):
    """The child takes nearly all of the grace, the place to sync to never answers: the flush gets only the rest."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        line = Line(toolkit, folder, ("env", "sync"), script="trap 'sleep 2.5; exit 0' TERM; echo up; "
                                                            "while :; do sleep 0.05; done")
        line.words[line.words.index("10s")] = "4s"
        line.words[line.words.index("--sync") + 1] = f"{folder}/a/=s3://bucket/b/"
        line.variables.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y", AWS_REGION="us-east-1",
                              AWS_ENDPOINT_URL=f"http://127.0.0.1:{silent.getsockname()[1]}")
        run = line.start()
        expect(run.stdout.readline() == "up\n", "slow to stop: no start")
        run.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        _, err = run.communicate(timeout=60)
        took = time.monotonic() - begin
    expect(run.returncode == 0 and 2.5 <= took < 6, f"slow to stop: {run.returncode} after {took:.1f}s")
    expect(line.phases()[-1] == ("ended", "sync", 1), f"slow to stop: {line.phases()}")
    expect("is not complete" in err, f"slow to stop: {err}")


def whole_file(toolkit, folder):
    """The line as a file: each value and where it comes from, an option over it, and the run itself."""
    line = Line(toolkit, folder, ())
    file = line.folder / "toolkit.toml"
    file.write_text(f"""[run]
name = "job"
state-dir = "{folder}/state"
events = "{folder}/events"
log = "{folder}/a/log"
grace = "10s"
check-gpu = true
check-gpu-expect = 0
wait = ["file:/proc", "not(file:/nothing)"]
wait-timeout = "30s"
with-env = true
sync = ["{folder}/a/={folder}/b/"]
""", encoding="utf-8")
    shown = subprocess.run([toolkit, "run", "--config", str(file), "--grace", "7s", "--show-config"], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    for key in ("check-gpu", "check-gpu-expect", "wait", "wait-timeout", "with-env", "sync", "name", "events"):
        expect(any(row.split()[0] == key and str(file) in row for row in shown), f"file: {key}: {shown}")
    expect(any(row.split()[0] == "grace" and "7s" in row and str(file) not in row for row in shown), f"file: {shown}")
    line.words = [toolkit, "run", "--config", str(file), "--", "sh", "-c", "exit 3"]
    run = line.start()
    _, err = run.communicate(timeout=60)
    expect(run.returncode == 3 and whole_copy(line), f"file: {run.returncode}: {err}")
    expect([name for word, name, _ in line.phases() if word == "started"] ==
           ["with-env", "check-gpu", "wait", "sync", "child"], f"file: {line.phases()}")


def main():
    toolkit, driver = sys.argv[1], sys.argv[2] + "/580"
    fitness = subprocess.run([toolkit, "check-gpu", "--quiet"], check=False, capture_output=True).returncode
    for count in range(5):
        for chosen in itertools.combinations(("check", "wait", "env", "sync"), count):
            with tempfile.TemporaryDirectory() as folder:
                combination(toolkit, folder, chosen, fitness)
            if "check" in chosen:
                with tempfile.TemporaryDirectory() as folder:
                    combination(toolkit, folder, chosen, 0, driver)
    for ending in (failed_wait, failed_sync, stopped_wait, slow_to_stop, whole_file):
        with tempfile.TemporaryDirectory() as folder:
            ending(toolkit, folder)
    with tempfile.TemporaryDirectory() as folder:
        stopped_training(toolkit, folder, driver)


main()
