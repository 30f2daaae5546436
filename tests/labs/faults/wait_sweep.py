#!/usr/bin/env python3
"""Fault sweep of `toolkit wait`: each system call on its path fails once, and it neither hangs nor lies.

    wait_sweep.py TOOLKIT FOLDER    FULL=1 for all cases, SEED=N to repeat a sample

Two scenes: in `true` all conditions hold, in `false` none does. A case is a scene, a kind of call, an errno,
and which call of that kind fails. It must end long before LIMIT; exit with 0 only where everything holds,
with one of wait's own codes else; say why whenever it is not 0; never start the program behind `--` but after a
success; and leave no process behind.
"""
import concurrent.futures
import itertools
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import tracing
from workers import become_subreaper, end_everybody

LIMIT = 20
SAMPLE = 250
BUDGET = 40
DEEP = 25
CODES = {0, 1, 2, 3, 120, 122, 124}


class Scene:
    def __init__(self, toolkit, folder, name):
        self.name, self.true = name, name == "true"
        (folder / "here").write_text("epoch 1\n")
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        closed = socket.socket()
        closed.bind(("127.0.0.1", 0))
        self.closed = closed
        state = folder / "state"
        subprocess.run([toolkit, "run", "-q", "--state-dir", state, "--name", "done", "--", "true"], check=True)
        port = (self.listener if self.true else closed).getsockname()[1]
        here = folder / ("here" if self.true else "none")
        self.words = ["wait", "-q", "--timeout", "3s" if self.true else "400ms", "--state-dir", str(state),
                      f"tcp://127.0.0.1:{port}", f"file:{here} size>0", f"log:{here}~epoch",
                      f"job:{'done' if self.true else 'none'}", f"exec:{'true' if self.true else 'false'}",
                      "port-free:1" if os.geteuid() == 0 and self.true else f"port-free:{self.listener.getsockname()[1]}",
                      "disk:/ free>=1M", "memory:1M"]


def run_case(toolkit, scene, place, fault=None):
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    mark = place / "became"
    words = tracing.command(place / "trace", True, fault) + [toolkit, *scene.words, "--", "touch", str(mark)]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               start_new_session=True)
    try:
        _, stderr = process.communicate(timeout=LIMIT)
        code = process.returncode
    except subprocess.TimeoutExpired:
        code = None
        end_everybody()
        _, stderr = process.communicate()
    left = end_everybody()
    trace = place / "trace"
    return code, stderr.decode(errors="replace"), mark.exists(), left, trace.read_text(errors="replace") if trace.exists() else ""


def judge(scene, code, stderr, became, left, trace=""):
    problems = []
    if code is None:
        return [f"does not end in {LIMIT} s"]
    if code not in CODES:
        problems.append(f"exit code {code}: {stderr.strip()[-200:]}")
    if not scene.true and code == 0:
        problems.append("0, though nothing holds")
    silenced = any("write(2<" in call for call in tracing.injected(trace))  # it was the very word that failed
    if code != 0 and "toolkit wait: " not in stderr and not silenced:
        problems.append(f"exit code {code} without a word")
    if became != (code == 0):
        problems.append(f"exit code {code}, and the program behind -- {'ran' if became else 'did not run'}")
    if left:
        problems.append(f"left behind: {', '.join(left)}")
    return problems


def one_case(toolkit, folder, scene, fault):
    place = folder / "-".join([scene.name, *map(str, fault)])
    begin = time.monotonic()
    code, stderr, became, left, trace = run_case(toolkit, scene, place, fault)
    problems = judge(scene, code, stderr, became, left, trace)
    reached = bool(tracing.injected(trace))
    if not problems:
        shutil.rmtree(place, ignore_errors=True)
    return scene.name, fault, reached, code, problems, time.monotonic() - begin, place


def cases_of(scene, counts):
    for kind, count in sorted(counts.items()):
        errors = ["EINTR"] if kind in ("wait4", "waitid") else tracing.ERRNOS  # they have no others (wait(2))
        numbers = range(1, min(count, DEEP) + 1)
        yield from ((scene, (kind, error, when)) for error, when in itertools.product(errors, numbers))


def prepare(toolkit, folder):
    """The scenes, each right without a fault, and all their cases."""
    cases = []
    for name in ("true", "false"):
        scene = Scene(toolkit, folder, name)
        code, stderr, became, left, trace = run_case(toolkit, scene, folder / f"{name}-count")
        problems = judge(scene, code, stderr, became, left)
        if problems or (scene.true and code != 0):
            raise SystemExit(f"{name} is not right without any fault: {code} {problems}\n{stderr}")
        cases += cases_of(scene, tracing.calls(trace))
    return cases


def main():
    toolkit, folder = sys.argv[1], Path(sys.argv[2])
    if tracing.version() is None:
        print("skipped: strace is not installed")
        return 77
    full = os.environ.get("FULL") == "1"
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    become_subreaper()
    cases = prepare(toolkit, folder)
    total = len(cases)
    if not full:
        cases = random.Random(seed).sample(cases, min(SAMPLE, total))
    print(f"{tracing.version()}; {len(cases)} of {total} cases; SEED={seed}", flush=True)
    begin, codes, reached, failures, slowest = time.monotonic(), Counter(), 0, 0, (0, "")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:  # end_everybody() is for all below us
        waiting = [pool.submit(one_case, toolkit, folder, *case) for case in cases]
        for done in concurrent.futures.as_completed(waiting):
            if done.cancelled():
                continue
            name, fault, was_reached, code, problems, seconds, place = done.result()
            codes[name, code] += 1
            reached += was_reached
            slowest = max(slowest, (seconds, f"{name} {fault}"))
            if problems:
                failures += 1
                print(f"FAIL {name} {' '.join(map(str, fault))}: {'; '.join(problems)}\n  {place}", flush=True)
            if not full and time.monotonic() - begin > BUDGET:
                for future in waiting:
                    future.cancel()
    ends = ", ".join(f"{name} {code}: {count}" for (name, code), count in sorted(codes.items(), key=str))
    print(f"{sum(codes.values())} cases ({ends}): {reached} faults happened, {failures} wrong; "
          f"slowest {slowest[0]:.1f} s: {slowest[1]}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
