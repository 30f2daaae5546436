"""What a supervisor costs a training process that flushes every line.

The writer (programs/writer.cpp) does one write(2) for each line of 98 bytes; a meter around it takes its
own wall time, from its start to its end, behind `| cat >/dev/null` and its peers and under
`toolkit run --log OUT -- … >/dev/null`, with OUT on tmpfs. Short interleaved rounds of random order; per line, so that the
slow peers can have fewer lines.
"""
import random

from context import Bar, Panel, Result, quartiles, ratio_interval, ratio_text

FAST, SLOW = 32, 8  # MiB
LINE = 98.0

# Name: (MiB, what the writer's output is read by)
READERS = {
    "| cat": (FAST, "| cat >/dev/null"),
    "| tee": (FAST, "| tee OUT >/dev/null"),
    "| s6-log": (SLOW, "| s6-log n9 s268435455 T OUT"),
    "| multilog": (SLOW, "| multilog t s16777215 n9 OUT"),
    "| ts": (SLOW, "| ts >OUT"),
}


def script(context, name, out):
    writer = f"@writer {context.program('writer')} lines"
    if name == "toolkit":
        return FAST, f"{context.toolkit} run -q --log {out} -- {writer} {FAST << 20} >/dev/null"
    mebibytes, reader = READERS[name]
    return mebibytes, f"{writer} {mebibytes << 20} {reader.replace('OUT', str(out))}"


def collect(context):
    times = {name: [] for name in [*READERS, "toolkit"]}
    order = list(times)
    for number in range(context.scaled(41, 201)):
        random.shuffle(order)
        for name in order:
            if name != "toolkit" and READERS[name][0] == SLOW and number % 8 != 0:
                continue
            mebibytes, words = script(context, name, context.fresh(context.memory / "flush"))
            wall = context.shell(words)["writer"]["wall"]
            times[name].append(wall * 1e9 * LINE / (mebibytes << 20))
    return times


def measure(context):
    times = collect(context)
    median = {name: quartiles(row)[1] for name, row in times.items()}
    interval = ratio_interval(times["toolkit"], times["| cat"])
    return Result(
        title="A trainer that flushes every line",
        bars=[Bar("time of a trainer that flushes every line", "≤ 1.03 × `| cat`", f"{median['toolkit']:.0f} ns a line",
                  f"{median['| cat']:.0f} ns a line", ratio_text(interval), interval[0] <= 1.03)],
        panels=[Panel("A trainer that flushes every line", "ns a line", list(median.items()), 1.03 * median["| cat"],
                      "1.03 × | cat", 0)],
        columns=["read by", "rounds", "ns a line", "quartiles"],
        rows=[[f"`{name}`", str(len(row)), f"{median[name]:.0f}", "{:.0f} to {:.0f}".format(*quartiles(row)[::2])]
              for name, row in times.items()])
