"""Judges one case: what is wrong with the way it ended, as short texts."""

import json
import re
from dataclasses import dataclass, field

from tracing import ERRNOS, INTERRUPTIBLE, injected
from workers import read_text

# A phase before the child tells its two ends, and the fault may come behind them.
PHASE = r"\] +INFO run: before: (begins|done after \w+|ended with \d+ after \w+)$"


@dataclass
class Outcome:
    exit_code: int | None     # None: it did not end
    stdout: str
    stderr: str
    report: list
    trace: str
    left: list = field(default_factory=list)  # processes that were still there


def judge(scenario, place, fault, outcome):
    """`fault`: (kind, errno, when). An empty list when all is well."""
    if outcome.exit_code is None:
        return ["does not end"]
    hit = " ".join(injected(outcome.trace))
    not_followed = "cannot become a subreaper" in outcome.stderr  # it said what will come of it
    problems = [] if not_followed else [f"left behind: {name}" for name in outcome.left]
    problems += [f"child: {word}" for word in outcome.report if word not in ("started", "done")]
    if "internal error" in outcome.stderr:
        problems.append("internal error")
    if outcome.report.count("started"):
        problems += after_the_start(scenario, place, fault, outcome, hit)
    else:
        problems += before_the_start(scenario, place, fault, outcome, hit)
    return problems


def before_the_start(scenario, place, fault, outcome, hit):
    kind, error, _ = fault
    problems = []
    in_child = kind in ("dup2", "setpgid", "setsid", "ioctl")
    if error == "EINTR" and kind in INTERRUPTIBLE and not in_child:
        problems.append("EINTR prevented the start")
    if outcome.exit_code != 125:
        problems.append(f"exit code {outcome.exit_code} before the start, not 125")
    own = [line for line in outcome.stderr.splitlines() if line]
    errors = [line for line in own if line.startswith("toolkit run: ")]
    writes_stderr = "write(2<" in hit
    if len(errors) != 1 and not writes_stderr:
        problems.append(f"{len(errors)} error lines")
    for line in own:
        told = line.startswith(("toolkit run: ", "  try: ")) or " WARN run: " in line or re.search(PHASE, line)
        if not told:
            problems.append(f"odd line: {line[:120]}")
    words = ERRNOS[error].lower()
    if errors and words not in errors[0].lower():
        problems.append(f"does not say why ({words}): {errors[0]}")
    record = read_record(scenario, place)
    if isinstance(record, dict) and "job.json" not in hit and record.get("state") != "exited":
        problems.append(f"record says {record.get('state')} though nothing runs")
    elif isinstance(record, str) and "cannot be read" in record:
        problems.append(record)
    return problems


def after_the_start(scenario, place, fault, outcome, hit):
    problems = []
    killing = "kill(" in hit or "rt_sigqueueinfo(" in hit  # the child was not told: then its grace runs out
    finished = outcome.report.count("done")
    failed_restart = scenario.attempts > 1 and finished == 1 and outcome.exit_code == 125
    if failed_restart:
        return []
    if finished != scenario.attempts and not killing:
        problems.append(f"the child came to its end {finished} times, not {scenario.attempts}")
    expected = 0 if scenario.detached else scenario.exit_code
    if scenario.detached and outcome.exit_code == 125 and re.search(r"(read|write)\(\d<pipe:", hit):
        expected = 125  # the caller could not be told; no pipe fails so
    if scenario.detached and fault[1] != "EINTR" and re.search(r"write\(1<[^>]*>, \"job \d", hit):
        expected = 1
        problems += [] if "cannot write to stdout that job" in outcome.stderr else ["does not say what was not written"]
    if outcome.exit_code != expected and not (killing and outcome.exit_code == 137):
        problems.append(f"exit code {outcome.exit_code}, not {expected}")
    problems += console_problems(scenario, place, outcome, hit)
    if scenario.keeps("--log") and scenario.lines:
        problems += log_problems(scenario, place, outcome, hit)
    problems += record_problems(scenario, place, hit, killing)
    if scenario.keeps("--pid-file") and (place / "pid").exists() and f"{place}/pid" not in hit:
        problems.append("the PID file is still there")
    return problems


def on_console(hit):
    return re.search(r"\((1|2)<|/proc/self/fd/[12]\"|<pipe:\[\d+\]>", hit) is not None


def console_problems(scenario, place, outcome, hit):
    """What a console refuses is dropped, and said where it can be said."""
    if scenario.detached or not scenario.lines:
        return []
    problems = []
    words = outcome.stderr + read_text(place / "log") + read_text(place / "state/job/job.json").replace('"dropped_bytes":0', "")
    streams = {"out": outcome.stdout, "err": outcome.stdout if scenario.merged else outcome.stderr}
    for stream, text in streams.items():
        found = re.findall(rf"{stream} \d[ x]*", text.replace("\r", ""))
        if found != scenario.expected_lines(stream) and not (on_console(hit) and "dropped" in words):
            problems.append(f"std{stream} has {len(found)} lines, not {len(scenario.expected_lines(stream))}")
    return problems


def log_problems(scenario, place, outcome, hit):
    try:
        text = (place / "log").read_text()
    except OSError as error:
        return [f"log: {error}"]
    for stream in ("out", "err"):
        lines = re.findall(rf"job: ({stream} \d[ x]*)", text)
        if lines != scenario.expected_lines(stream):
            if f"{place}/log" in hit and ("dropped" in outcome.stderr or "dropped" in text):
                return []
            return [f"the log has {len(lines)} of std{stream}'s {len(scenario.expected_lines(stream))} lines"]
    return []


def read_record(scenario, place):
    if not scenario.keeps("--name"):
        return None
    try:
        return json.loads((place / "state/job/job.json").read_text())
    except FileNotFoundError:
        return "there is no record"
    except (OSError, ValueError) as error:
        return f"the record cannot be read: {error}"


def record_problems(scenario, place, hit, killing):
    record = read_record(scenario, place)
    if record is None or "job.json" in hit:
        return []
    if isinstance(record, str):
        return [record]
    codes = (scenario.exit_code, 137) if killing else (scenario.exit_code,)
    if record["state"] != "exited" or record["exit_code"] not in codes:
        return [f"record: {record['state']} {record['exit_code']}"]
    return []
