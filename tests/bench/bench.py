#!/usr/bin/env python3
"""Runs the bars and writes the report. Called by run.sh, which builds the measuring programs."""
import importlib
import os
import pathlib
import shutil
import sys
import time

from context import Context
from report import chart, index, page

# A report a command, its bars in the order in which they are shown: bars/COMMAND/BAR.py.
REPORTS = {
    "run": ["start", "throughput", "flush", "memory", "latency", "tree", "early", "composed"],
    "wait": ["answer", "notice", "joined", "barrier", "deadline", "targets"],
    "env": ["answer", "hosts"],
    "check-gpu": ["fatbin"],
    "sync": ["grown", "fresh", "many", "distance", "day", "million"],
}


def measure(context, command, names):
    results = []
    for name in names:
        began = time.monotonic()
        print(f"== {command}: {name}", flush=True)
        result = importlib.import_module(f"bars.{command}.{name}").measure(context)
        for bar in result.bars:
            print("  " + bar.text(), flush=True)
        for line in page.details(result):
            print("  " + line)
        print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
        results.append(result)
    return results


def counts():
    return "full" if os.environ.get("FULL") == "1" else "quick" if os.environ.get("QUICK") == "1" else "usual"


def report(context, command, names):
    """All bars of a command, or some of them, which are not kept."""
    load_before = os.getloadavg()
    results = measure(context, command, names or REPORTS[command])
    whole = not names and context.counts != "quick"
    folder = context.root / ("tests/bench/results" if whole else "build/bench/results")
    folder.mkdir(exist_ok=True)
    (folder / f"{command}.md").write_text(page.write(command, results, page.machine(context, load_before)))
    (folder / f"{command}.svg").write_text(chart.draw(command, results))
    if whole:
        index.write(folder)
    print(f"written: {folder.relative_to(context.root)}/{command}.md, {command}.svg")


def chosen(words):
    """{command: bars} of words such as `wait` and `run/start`; all bars where none is named."""
    wanted = {}
    for word in words:
        command, _, bar = word.partition("/")
        if command not in REPORTS or (bar and bar not in REPORTS[command]):
            sys.exit(f"bench: no {word}: " + " ".join(f"{c}/{b}" for c, bars in REPORTS.items() for b in bars))
        wanted.setdefault(command, []).extend([bar] if bar else [])
    return wanted or {command: [] for command in REPORTS}


def main():
    context = Context(pathlib.Path(__file__).resolve().parents[2], pathlib.Path(sys.argv[1]), counts())
    wanted = chosen(sys.argv[2:])
    try:
        for command, names in wanted.items():
            report(context, command, names)
    finally:
        context.at_end.close()
        shutil.rmtree(context.memory, ignore_errors=True)


main()
