#!/usr/bin/env python3
"""Forty-odd deaths of a job, and what `toolkit run` says of each: exit code, reason, signal, core and OOM flags, the
line on stderr, the termination message, the failure file, the use of resources and the order of events.

    deaths_lab.py [TOOLKIT FIXTURE [PART-OF-A-NAME]]     else $TOOLKIT_BINARY and $TOOLKIT_FIXTURE
"""
import concurrent.futures
import json
import os
import shutil
import sys
import tempfile
import time

import deaths
import scarce
import stops
from ground import Cannot, Row, Run, bare_core

AT_ONCE = 6  # most rows only wait
MESSAGE_BYTES, REASON_CHARACTERS = 4096, 1024  # kubelet's limit, and what SageMaker shows

SPEND = """
import json, resource, time
end = time.process_time() + 0.5
ballast = bytes([1]) * (80 << 20)
while time.process_time() < end: pass
use = resource.getrusage(resource.RUSAGE_SELF)
json.dump([use.ru_utime + use.ru_stime, use.ru_maxrss * 1024], open('use', 'w'))
"""


def usage_is_plausible(run):
    """Against what the child's own getrusage(2) said just before its end."""
    seconds, peak = json.loads(run.text("use"))
    usage = run.record()["usage"]
    ours = usage["user_seconds"] + usage["system_seconds"]
    wrong = [] if seconds <= ours + 0.001 and ours <= seconds + 0.3 else [f"CPU {ours} s, child {seconds} s"]
    wrong += [] if peak <= usage["peak_rss_bytes"] <= 1.1 * peak else [f"peak {usage['peak_rss_bytes']}, child {peak}"]
    return wrong + ([] if 0 < usage["wall_seconds"] <= run.seconds else [f"wall {usage['wall_seconds']} s"])


def batches():
    """Who runs together. `run` counts the OOM kills below its own group, and there are the groups of the first batch:
    a kill in one of them could be taken for the end of a row of the second, which has no group of its own."""
    spend = Row("use of resources", deaths.python(SPEND), 0, "exited with code 0", check=usage_is_plausible)
    return [deaths.memory() + scarce.memory(), deaths.exits() + deaths.tracebacks() + deaths.faults() + stops.signals() + stops.limits()
            + stops.refusals() + stops.places() + scarce.everything_else() + [spend]]


def differences(pairs):
    return [f"{what} {actual!r}, not {wanted!r}" for what, actual, wanted in pairs if actual != wanted]


def events_of(run):
    return [json.loads(line) for line in run.text("events").splitlines()]


def the_line(run):
    """A job that ran has one line with its account; one that could not start has one error."""
    mark = "toolkit run: " if run.row.reason == "exec_failed" else "; wall "
    lines = [line for line in run.text("err").splitlines() if mark in line]
    if len(lines) != 1:
        return [f"{len(lines)} lines of account on stderr: {run.text('err')[-300:]!r}"]
    return [] if run.row.word in lines[0] else [f"no {run.row.word!r} in {lines[0]!r}"]


def notes(run, code):
    message, reason = run.text("message"), run.text("failure")
    wrong = [] if not message or os.path.getsize(run.path("message")) <= MESSAGE_BYTES else ["termination message too long"]
    wrong += [] if len(reason) <= REASON_CHARACTERS else ["failure file too long"]
    return wrong + differences([("message is there", bool(message), code != 0), ("failure is there", bool(reason), code != 0)])


def judge(run, status):
    row, record, events = run.row, run.record(), events_of(run)
    by_itself = row.reason == "signal" and row.act is None  # the only ones that end in a bare run too
    core = by_itself and bare_core(run.argv[run.argv.index("--") + 1:], row.core)
    wrong = differences([
        ("status", status, row.code if row.status is None else row.status),
        ("code", record.get("exit_code"), row.code), ("reason", record.get("reason"), row.reason),
        ("signal", record.get("signal"), row.signal), ("core", record.get("core_dumped"), core),
        ("oom", record.get("oom_killed"), row.oom), ("state", record.get("state"), "exited"),
        ("events", " ".join(event["event"] for event in events), row.events),
        ("times in order", [event["time"] for event in events], sorted(event["time"] for event in events)),
        ("code of the last event", events[-1]["exit_code"] if events else None, row.code)])
    return wrong + the_line(run) + notes(run, row.code) + (row.check(run) if row.check else [])


def try_row(toolkit, fixture, folder, row):
    run = None
    try:
        run = Run(toolkit, fixture, folder, row)
        return judge(run, run.go())
    except Cannot as reason:
        return str(reason)
    except Exception as error:  # a row that breaks is a row that fails, and the others go on
        return [f"{type(error).__name__}: {error}"]
    finally:
        if run:
            run.clean()


def tell(row, wrong):
    word = "skip" if isinstance(wrong, str) else "FAIL" if wrong else "ok"
    tail = wrong if isinstance(wrong, str) else "; ".join(wrong)
    print(f"{word:4} {row.what}: {row.code} {row.reason}{' | ' + tail if tail else ''}", flush=True)
    return word


def main(toolkit, fixture, part=""):
    began, words = time.monotonic(), []
    folder = tempfile.mkdtemp(prefix="deaths-")
    for batch, rows in enumerate(batches()):
        rows = [row for row in rows if part in row.what]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            tries = [pool.submit(try_row, toolkit, fixture, os.path.join(folder, f"{batch}.{number}"), row)
                     for number, row in enumerate(rows)]
            words += [tell(row, tried.result()) for row, tried in zip(rows, tries)]
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(words)} deaths: {words.count('FAIL')} told wrongly, {words.count('skip')} not tried, "
          f"{time.monotonic() - began:.0f} s")
    return 1 if "FAIL" in words or not words else 0


if __name__ == "__main__":
    PROGRAMS = sys.argv[1:3] or [os.environ.get("TOOLKIT_BINARY", ""), os.environ.get("TOOLKIT_FIXTURE", "")]
    if not all(os.access(program, os.X_OK) for program in PROGRAMS) or len(PROGRAMS) < 2:
        print("cannot run: TOOLKIT_BINARY and TOOLKIT_FIXTURE are not both there")
        sys.exit(77)
    sys.exit(main(*(os.path.abspath(program) for program in PROGRAMS), *sys.argv[3:4]))
