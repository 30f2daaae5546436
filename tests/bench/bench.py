#!/usr/bin/env python3
"""Runs the bars and writes the report. Called by run.sh, which builds the measuring programs."""
import importlib
import os
import pathlib
import shutil
import sys
import time

from context import Context
from report import chart, page

BARS = ["start", "throughput", "flush", "memory", "latency", "tree", "early"]


def measure(context, names):
    results = []
    for name in names:
        began = time.monotonic()
        print(f"== {name}", flush=True)
        result = importlib.import_module(f"bars.{name}").measure(context)
        for bar in result.bars:
            print("  " + bar.text(), flush=True)
        for line in page.details(result):
            print("  " + line)
        print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
        results.append(result)
    return results


def counts():
    return "full" if os.environ.get("FULL") == "1" else "quick" if os.environ.get("QUICK") == "1" else "usual"


def main():
    toolkit, names = sys.argv[1], sys.argv[2:]
    unknown = [name for name in names if name not in BARS]
    if unknown:
        sys.exit(f"bench: no bar {unknown[0]}: {' '.join(BARS)}")
    root = pathlib.Path(__file__).resolve().parents[2]
    context = Context(root, pathlib.Path(toolkit), counts())
    load_before = os.getloadavg()
    try:
        results = measure(context, names or BARS)
    finally:
        shutil.rmtree(context.memory, ignore_errors=True)
    text = page.write(results, page.machine(context, load_before))
    whole = not names and context.counts != "quick"
    folder = root / ("tests/bench/results" if whole else "build/bench/results")
    folder.mkdir(exist_ok=True)
    (folder / "run.md").write_text(text)
    (folder / "run.svg").write_text(chart.draw(results))
    print(f"written: {folder.relative_to(root)}/run.md, run.svg")


main()
