"""How late `toolkit wait` ends when its deadline is over and what it waits for hangs: every scene of the lab
tests/labs/deadline (black holes, silent name servers, stalled TLS, dripping bodies, hanging file systems). The
figure includes the start of the process and its end as its parent sees them.
"""
import json
import subprocess
import sys

from context import Bar, Panel, Result, quartiles


def measure(context):
    lab, figures = context.root / "tests/labs/deadline/deadline_lab.py", context.memory / "deadline.json"
    ran = subprocess.run([sys.executable, "-B", lab, context.toolkit, context.memory / "deadline",
                          str(context.scaled(3, 30)), figures], stdout=subprocess.PIPE, text=True, check=False)
    if not figures.exists():
        return Result(title="Deadlines", bars=[], panels=[], remarks=[ran.stdout.strip()])
    scenes = {name: quartiles([1000 * late for late in row]) + [1000 * max(row)]
              for name, row in json.loads(figures.read_text()).items()}
    late = max(row[3] for row in scenes.values())
    usual = quartiles([row[1] for row in scenes.values()])[1]
    return Result(
        title="Deadlines",
        bars=[Bar(f"end after the deadline, the latest of {len(scenes)} scenes", "≤ 100 ms", f"{late:.1f} ms", "", "",
                  late <= 100)],
        panels=[Panel("From the deadline to the end of the waiter", "ms",
                      [("toolkit, median", usual), ("toolkit, latest", late)], 100, "100 ms")],
        columns=["scene", "median ms", "max ms"],
        rows=[[name, f"{row[1]:.1f}", f"{row[3]:.1f}"] for name, row in scenes.items()])
