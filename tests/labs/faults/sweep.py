#!/usr/bin/env python3
"""Fault sweep: each system call on the path of `toolkit run` fails once, and nothing bad may come of it.

    sweep.py TOOLKIT FOLDER [KIND…]   FULL=1 for all cases, SEED=N to repeat a sample, SCENARIOS=a,b to choose

A case is a scenario, a kind of call, an errno, and which call of that kind fails. The driver checks that it
ends, that the child came to its own end and never saw a refused write, the exit code, the one line on a failure before
the start, console, log and record, and that no process stays behind.
"""

import concurrent.futures
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import tracing
from scenarios import SCENARIOS
from verdict import Outcome, judge
from workers import become_subreaper, children_of, end_everybody

LIMIT = 20          # seconds for one case
DEEP = 40           # calls of one kind that each fail in turn; of those behind them, a few
SAMPLE = 500        # cases of a run without FULL
BUDGET = 60         # and its seconds, on a machine that is busy


def report_of(place):
    try:
        return (place / "report").read_text().splitlines()
    except OSError:
        return []


def cancel_when_started(process, place):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end and process.poll() is None:
        # proc_pid_task(5): the list of children can lack some, so it is read until it has one.
        supervisor = children_of(process.pid) if report_of(place) else []
        for pid in supervisor:
            os.kill(pid, signal.SIGTERM)
        if supervisor:
            return
        time.sleep(0.005)


def wait_until_over(place):
    """A detached job: its supervisor is nobody's child but this worker's, the subreaper."""
    end = time.monotonic() + LIMIT
    while children_of(os.getpid()) and time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.005)
        except OSError:
            break


def run_case(toolkit, scenario, place, fault=None):
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    trace = place / "trace"
    words = tracing.command(trace, scenario.threads, fault) + scenario.command(toolkit, place)
    with open(place / "stdout", "wb") as out, open(place / "stderr", "wb") as err:
        as_file = scenario.name == "full"
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out if as_file else subprocess.PIPE,
                                   stderr=err if as_file else subprocess.PIPE, start_new_session=True)
        if scenario.cancel:
            cancel_when_started(process, place)
        code = None
        try:
            stdout, stderr = process.communicate(timeout=LIMIT)
            code = process.returncode
        except subprocess.TimeoutExpired:
            left = end_everybody()
            stdout, stderr = process.communicate()
    if as_file:
        stdout, stderr = (place / "stdout").read_bytes(), (place / "stderr").read_bytes()
    else:
        (place / "stdout").write_bytes(stdout)
        (place / "stderr").write_bytes(stderr)
    if code is not None:
        if scenario.detached:
            wait_until_over(place)
        left = end_everybody()
    text = trace.read_text(errors="replace") if trace.exists() else ""
    return Outcome(code, stdout.decode(errors="replace"), stderr.decode(errors="replace"), report_of(place), text, left)


def count_calls(toolkit, scenario, folder):
    outcome = run_case(toolkit, scenario, folder / f"{scenario.name}-count")
    problems = judge(scenario, folder / f"{scenario.name}-count", ("none", "EIO", 0), outcome)
    if problems:
        raise SystemExit(f"{scenario.name} is not right without any fault: {problems}\n{outcome.stderr}")
    return tracing.calls(outcome.trace)


def all_cases(counts, wanted, generator):
    for scenario in SCENARIOS:
        for kind, count in sorted(counts[scenario.name].items()):
            if wanted and kind not in wanted:
                continue
            numbers = list(range(1, min(count, DEEP) + 1))
            numbers += sorted(generator.sample(range(DEEP + 1, count + 1), min(10, count - DEEP))) if count > DEEP else []
            yield from ((scenario.name, (kind, error, when)) for error, when in itertools.product(tracing.ERRNOS, numbers))


def one_case(toolkit, folder, name, fault):
    scenario = next(s for s in SCENARIOS if s.name == name)
    place = folder / "-".join([name, *map(str, fault)])
    begin = time.monotonic()
    outcome = run_case(toolkit, scenario, place, fault)
    problems = judge(scenario, place, fault, outcome)
    if problems and scenario.cancel and outcome.exit_code == 137:
        # Half a second of grace is too short for a busy machine: once more, with ten times as much.
        outcome = run_case(toolkit, scenario.with_long_grace(), place, fault)
        problems = judge(scenario, place, fault, outcome)
    reached = bool(tracing.injected(outcome.trace))
    if not problems:
        shutil.rmtree(place, ignore_errors=True)
    return name, fault, reached, problems, time.monotonic() - begin, bool(outcome.report), place


def enter_pid_namespace():
    """`run` looks through /proc, each call of which costs under strace: there it has few entries."""
    if os.geteuid() == 0 and os.getpid() != 1:
        try:
            subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", "true"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return
        os.execvp("unshare", ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv])


def main():
    enter_pid_namespace()
    toolkit, folder = sys.argv[1], Path(sys.argv[2])
    if tracing.version() is None:
        print("skipped: strace is not installed")
        return 77
    full = os.environ.get("FULL") == "1"
    chosen = os.environ.get("SCENARIOS", "")
    if chosen:
        SCENARIOS[:] = [s for s in SCENARIOS if s.name in chosen.split(",")]
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    generator = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    begin = time.monotonic()
    become_subreaper()
    counts = {s.name: count_calls(toolkit, s, folder) for s in SCENARIOS}
    cases = list(all_cases(counts, sys.argv[3:], generator))
    total = len(cases)
    if not full:
        cases = generator.sample(cases, min(SAMPLE, total))
    print(f"{tracing.version()}; {len(cases)} of {total} cases; SEED={seed}", flush=True)
    ran, reached, refused, failures, slowest = Counter(), 0, 0, [], (0, "")
    with concurrent.futures.ProcessPoolExecutor(2, initializer=become_subreaper) as pool:
        waiting = {pool.submit(one_case, toolkit, folder, *case) for case in cases}
        for done in concurrent.futures.as_completed(waiting):
            if done.cancelled():
                continue
            name, fault, was_reached, problems, seconds, started, place = done.result()
            ran[name] += 1
            reached += was_reached
            refused += not started
            slowest = max(slowest, (seconds, f"{name} {fault}"))
            if problems:
                failures.append((name, fault))
                print(f"FAIL {name} {' '.join(map(str, fault))}: {'; '.join(problems)}\n  {place}", flush=True)
            if not full and time.monotonic() - begin > BUDGET:
                for future in waiting:
                    future.cancel()
    by_name = ", ".join(f"{name} {count}" for name, count in ran.items())
    print(f"{sum(ran.values())} cases ({by_name}): {reached} faults happened, {refused} refused to start, "
          f"{len(failures)} wrong; slowest {slowest[0]:.1f} s: {slowest[1]}; {time.monotonic() - begin:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
