"""How long `toolkit env` takes, from its start to its answer, and how often it reads files for that."""
import os
import re
import subprocess

from context import Bar, Panel, Result, quartiles, separated

# Calls that open, read or look at files.
READING = re.compile(r"^\d+ +(open|read|access|faccessat|stat|newfstatat|fstat|lstat|getdents|pread|statfs)", re.M)


def reading_calls(context):
    trace = os.path.join(context.memory, "trace")
    subprocess.run(["strace", "-f", "-o", trace, context.toolkit, "env"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    with open(trace, encoding="utf-8", errors="replace") as file:
        return len(READING.findall(file.read()))


def measure(context):
    commands = {
        "/bin/true": ["/bin/true"],
        "toolkit env": [context.toolkit, "env"],
        "toolkit env --json": [context.toolkit, "env", "--json"],
        "toolkit env -- /bin/true": [context.toolkit, "env", "--", "/bin/true"],
        "lscpu": ["/usr/bin/lscpu"],
    }
    samples = context.samples("start", context.scaled(300, 2000), *separated(commands.values()))
    times = {name: quartiles([ns / 1e6 for ns in row]) for name, row in zip(commands, samples)}
    worst = max(times[name][1] for name in commands if name.startswith("toolkit"))
    calls = reading_calls(context)
    return Result(
        title="Who am I, and what may I use",
        bars=[Bar("start to answer", "≤ 5 ms", f"{worst:.2f} ms", f"lscpu {times['lscpu'][1]:.2f} ms",
                  f"{worst / times['lscpu'][1]:.2f}", worst <= 5),
              Bar("system calls that read files", "≤ 150", str(calls), "no peer", "", calls <= 150)],
        panels=[Panel("Start to answer", "ms", [(n, t[1]) for n, t in times.items()], 5, "5 ms")],
        columns=["command", "median ms", "quartiles"],
        rows=[[name, f"{t[1]:.2f}", f"{t[0]:.2f} to {t[2]:.2f}"] for name, t in times.items()])
