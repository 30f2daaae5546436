#!/usr/bin/env python3
"""The whole product while any part of it is killed: a composed line of `run` with --sync, and a sidecar of `sync`.

    killed_parts.py TOOLKIT FOLDER    FULL=1 for 1,000 rounds instead of 60, ROUNDS=N for so many, SEED=N to repeat

In each round the supervisor, the child or the sidecar gets SIGKILL, or the supervisor SIGTERM, at a random moment.
Then no byte of the log is missing that the record says was logged, every exit code is the right one for whoever asks,
nobody is left behind by a supervisor that could still act, no file is torn, and one more `sync` makes all copies equal.
"""
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "faults"))
from workers import become_subreaper, children_of, describe, end_everybody  # noqa: E402

BURSTS, LINES, CODE, STOPPED = 12, 150, 7, 9
CHILD = (f"trap 'exit {STOPPED}' TERM; setsid sleep 300 >/dev/null 2>&1 & b=0; while [ $b -lt {BURSTS} ]; do i=0; "
         f"while [ $i -lt {LINES} ]; do echo line $((b * {LINES} + i)); i=$((i + 1)); done; sleep 0.01; b=$((b + 1)); "
         f"done; exit {CODE}")
STAMPED = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] [A-Z ]{5} (\w+): (.*)")


class Round:
    def __init__(self, toolkit, folder, chance):
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "a").mkdir(parents=True)
        self.toolkit, self.folder, self.chance, self.problems = toolkit, folder, chance, []
        self.victim = chance.choice(["supervisor", "child", "sidecar", "stop"])

    def expect(self, holds, words):
        if not holds:
            self.problems.append(words)

    def tool(self, *words, wait=True):
        words = [self.toolkit, *words, "--state-dir", f"{self.folder}/state"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.run(words, check=False, timeout=60, **quiet).returncode if wait else subprocess.Popen(words, **quiet)

    def start(self):
        folder = self.folder
        words = [self.toolkit, "run", "--name", "job", "--state-dir", f"{folder}/state", "--log", f"{folder}/a/log", "--events",
                 f"{folder}/events", "--grace", "600ms", "--drain", "200ms", "--with-env", "--wait", "file:/proc", "--sync", f"{folder}/a/={folder}/b/",
                 "--termination-log", "", "--failure-file", "", "--", "sh", "-c", CHILD]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(words, **quiet), self.tool("sync", "--follow", "--until", "job:job", f"{folder}/a/",
                                                           f"{folder}/c/", wait=False)

    def record(self):
        try:
            return json.loads((self.folder / "state/job/job.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def strike(self, run, sidecar):
        """Whom it hit: not the child before it is there."""
        time.sleep(self.chance.uniform(0, 0.3))
        pid = {"supervisor": run.pid, "stop": run.pid, "sidecar": sidecar.pid, "child": self.record().get("pid", 0)}[self.victim]
        if pid == 0 or self.victim == "child" and self.record().get("state") != "running":
            self.victim = "nobody"
            return
        try:
            os.kill(pid, signal.SIGTERM if self.victim == "stop" else signal.SIGKILL)
        except ProcessLookupError:  # a child that has just ended
            self.victim = "nobody"

    def play(self):
        run, sidecar = self.start()
        try:
            self.strike(run, sidecar)
            code = run.wait(30)
            if self.victim != "supervisor":
                below = [pid for pid in children_of(os.getpid()) if pid != sidecar.pid]
                self.expect(not below, f"left behind: {[describe(pid) for pid in below]}")
            self.judge_end(code)
            self.judge_log()
            if self.victim == "supervisor":
                sidecar.kill()
            sidecar.wait(30)
        finally:
            end_everybody()
        self.judge_copies()
        return self.problems

    def judge_end(self, code):
        record = self.record()
        codes = {"supervisor": {-9, CODE}, "child": {137, CODE}, "sidecar": {CODE}, "nobody": {CODE}, "stop": {STOPPED, CODE, 143, -15}}
        self.expect(code in codes[self.victim], f"exit code {code}")
        if code == -9 or not record:  # whoever asks learns that nobody knows, or the code that was recorded before
            told = self.tool("wait", "--timeout", "10s", "job:job") if record else None
            self.expect(told in {None, 120, record.get("exit_code")}, f"wait says {told}")
            return
        told = self.tool("wait", "--timeout", "10s", "job:job")
        self.expect(record["state"] == "exited" and record["exit_code"] == code == told, f"{code}, wait {told}, {record}")

    def judge_log(self):
        text = (self.folder / "a/log").read_text(encoding="utf-8") if (self.folder / "a/log").exists() else ""
        record, lines = self.record(), text.split("\n")
        self.expect(lines[-1] == "" or self.victim == "supervisor", "the last line is torn")
        told = [STAMPED.fullmatch(line) for line in lines[:-1]]
        self.expect(all(told), "a line in the middle is torn")
        logged = [match[2] for match in told if match and match[1] == "job"]
        said, logged = len(logged), [line for line in logged if line.startswith("line ")]  # the shell says who was killed
        self.expect(logged == [f"line {at}" for at in range(len(logged))], "lines are missing or in another order")
        if record.get("state") == "exited":
            recorded = record["stdout"]["lines"], record["stderr"]["lines"]
            self.expect(len(logged) == recorded[0] and said == sum(recorded), f"{len(logged)} of {said} lines, recorded {recorded}")
        if record.get("exit_code") == CODE:
            self.expect(len(logged) == BURSTS * LINES, f"{len(logged)} lines")
        events = self.folder / "events"
        for line in events.read_text(encoding="utf-8").splitlines() if events.exists() else []:
            json.loads(line)

    def judge_copies(self):
        log = self.folder / "a/log"
        source = log.read_bytes() if log.exists() else b""
        for name in "bc":
            copy = self.folder / name / "log"
            there = copy.read_bytes() if copy.exists() else b""
            self.expect(source.startswith(there), f"{name}/log is no beginning of the log")
            spared = self.victim != "supervisor" and not (name == "c" and self.victim == "sidecar")
            self.expect(not spared or there == source, f"{name}/log has {len(there)} of {len(source)} bytes")
            code = self.tool("sync", f"{self.folder}/a/", f"{self.folder}/{name}/")
            self.expect(code == 0 and (not source or copy.read_bytes() == source), f"the next sync to {name}: {code}")


def main():
    toolkit, folder = sys.argv[1], Path(sys.argv[2])
    rounds = int(os.environ.get("ROUNDS", 1000 if os.environ.get("FULL") == "1" else 60))
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    print(f"{rounds} rounds; SEED={seed}", flush=True)
    become_subreaper()
    victims, failures = Counter(), 0
    for number in range(rounds):
        one = Round(toolkit, folder, random.Random(f"{seed} {number}"))
        problems = one.play()
        victims[one.victim] += 1
        if problems:
            failures += 1
            print(f"FAIL round {number}, {one.victim}: {'; '.join(problems)}", flush=True)
    print(f"{rounds} rounds, hit: {dict(victims)}; {failures} wrong")
    sys.exit(1 if failures else 0)


main()
