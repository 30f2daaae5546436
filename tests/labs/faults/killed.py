#!/usr/bin/env python3
"""The supervisor is killed at random moments: what it leaves must be whole.

    killed.py TOOLKIT FIXTURE FOLDER    FULL=1 for 500 rounds instead of 50, SEED=N to repeat

After each SIGKILL: job.json is one whole record, of this job or of the one before; nobody holds the lock; the log
holds whole lines, a beginning of what the child wrote, and only its last may be torn; and a
job of the same name runs at once, leaving its own record and starting a fresh line.
"""

import fcntl
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from workers import become_subreaper, end_everybody, read_text

LINES, LENGTH = 20000, 100
STAMP = r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] [A-Z ]{5} "


def job_command(toolkit, folder, *child):
    return [toolkit, "run", "--name", "job", "--state-dir", str(folder / "state"), "--log", str(folder / "log"),
            "--pid-file", str(folder / "pid"), "--events", str(folder / "events"), "--termination-log", "",
            "--failure-file", "", "-q", "--", *child]


def lock_becomes_free(path):
    # A child between vfork and exec has a copy of the descriptor, for some microseconds more.
    end = time.monotonic() + 1
    while not (free := lock_is_free(path)) and time.monotonic() < end:
        time.sleep(0.001)
    return free


def lock_is_free(path):
    # struct flock of fcntl(2) on 64-bit machines: type, whence, start, length, pid.
    with open(path, "rb") as file:
        asked = fcntl.fcntl(file, fcntl.F_OFD_GETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0))
    return struct.unpack("hhqqi4x", asked)[0] == fcntl.F_UNLCK


def record_of(folder):
    return json.loads((folder / "state/job/job.json").read_text())


def torn_lines(text, expected):
    """The child's lines of one job in order, none missing, and all but the last of the log whole."""
    problems, count = [], 0
    lines = text.split("\n")
    for at, line in enumerate(lines):
        last = at == len(lines) - 1
        if re.fullmatch(STAMP + "run: .*", line) or (last and line == ""):
            continue
        found = re.fullmatch(STAMP + "job: (.*)", line)
        words = found[1] if found else None
        if words == expected(count):
            count += 1
        elif not last:
            problems.append(f"line {at + 1} of the log: {line[:80]!r}")
        elif found and not expected(count).startswith(words):
            problems.append(f"torn end of the log: {line[:80]!r}")
    return problems, count


def round_of(toolkit, fixture, folder, delay, expected):
    before = read_text(folder / "state/job/job.json")
    (folder / "log").unlink(missing_ok=True)
    log = open(folder / "console", "wb")
    supervisor = subprocess.Popen(job_command(toolkit, folder, fixture, "lines", str(LINES), str(LENGTH), "flush"),
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    time.sleep(delay)
    supervisor.kill()
    supervisor.wait()
    log.close()
    problems = []
    state = "none"
    text = read_text(folder / "state/job/job.json")
    if text:
        try:
            record = json.loads(text)
            state = record["state"]
            if text != before and record["supervisor_pid"] != supervisor.pid:
                problems.append("the record is neither the old one nor ours")
        except ValueError:
            problems.append(f"job.json is not whole: {text[:100]!r}")
    lock = folder / "state/job/lock"
    if lock.exists() and not lock_becomes_free(lock):
        problems.append("the lock is held")
    end_everybody()  # the child, whose pipes are gone
    log_text = read_text(folder / "log")
    torn, count = torn_lines(log_text, expected)
    return problems + torn, state, count, log_text


def next_job(toolkit, folder, log_text):
    """Runs by the same name, and appends to the same log."""
    done = subprocess.run(job_command(toolkit, folder, "echo", "fresh"), capture_output=True, text=True, timeout=20)
    problems = []
    if done.returncode != 0:
        problems.append(f"the next job: {done.returncode} {done.stderr}")
    elif record_of(folder)["state"] != "exited" or record_of(folder)["argv"] != ["echo", "fresh"]:
        problems.append("the next job's record is not its own")
    added = read_text(folder / "log")[len(log_text):]
    if done.returncode == 0 and not re.fullmatch(("\n" if log_text and log_text[-1] != "\n" else "") +
                                                 f"({STAMP}(run|job): .*\n)+", added):
        problems.append(f"the next job's log: {added[:200]!r}")
    return problems


def main():
    toolkit, fixture, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    rounds = 500 if os.environ.get("FULL") == "1" else 50
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    generator = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    become_subreaper()
    written = subprocess.run([fixture, "lines", str(LINES), str(LENGTH)], capture_output=True, text=True).stdout.split("\n")
    begin = time.monotonic()
    subprocess.run(job_command(toolkit, folder, fixture, "lines", str(LINES), str(LENGTH), "flush"),
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    whole = time.monotonic() - begin
    print(f"{rounds} rounds; SEED={seed}; an undisturbed job takes {whole * 1000:.0f} ms", flush=True)
    failures, states, counts = 0, Counter(), []
    for number in range(rounds):
        # A third of them where records are written: at the start.
        delay = generator.uniform(0, 1.1 * whole if number % 3 else 0.006)
        problems, state, count, log_text = round_of(toolkit, fixture, folder, delay, lambda i: written[i])
        problems += next_job(toolkit, folder, log_text)
        states[state] += 1
        counts.append(count)
        if problems:
            failures += 1
            print(f"FAIL round {number}, killed after {delay * 1000:.2f} ms: {'; '.join(problems)}", flush=True)
    cut = sum(0 < count < LINES for count in counts)
    print(f"{rounds} rounds: record then {dict(states)}; log cut short in {cut}, empty in {counts.count(0)}; {failures} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
