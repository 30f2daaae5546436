"""From kill(2) on the supervisor to the signal handler of its child (programs/latency.cpp).

All supervisors live at the same time and get one signal a round, in random order; the sender sleeps while
it waits, since spinning would take a core from the receivers.
"""
from context import Bar, Panel, Result, quartiles, separated


def measure(context):
    commands = {
        "no supervisor": [],
        "toolkit": [context.toolkit, "run", "-q", "--"],
        "catatonit": ["/usr/bin/catatonit", "--"],
        "dumb-init": ["/usr/bin/dumb-init"],
        "tini": ["/usr/bin/tini", "-s", "--"],
        "tini-static": ["/usr/bin/tini-static", "-s", "--"],
    }
    samples = context.samples("latency", context.scaled(2000, 20000), context.memory / "latency",
                              *separated(commands.values()))
    times = {name: [ns / 1e3 for ns in row] for name, row in zip(commands, samples)}
    median = {name: quartiles(row)[1] for name, row in times.items()}
    ours = median["toolkit"]
    return Result(
        title="Signal forwarding",
        bars=[Bar("signal, kill to the child's handler", "≤ 25 µs", f"{ours:.1f} µs", f"tini {median['tini']:.1f} µs",
                  f"{ours / median['tini']:.2f}", ours <= 25)],
        panels=[Panel("Signal, kill to the child's handler", "µs", list(median.items()), 25, "25 µs", 1)],
        columns=["supervisor", "signals", "median µs", "quartiles"],
        rows=[[name, str(len(row)), f"{median[name]:.1f}", "{:.1f} to {:.1f}".format(*quartiles(row)[::2])]
              for name, row in times.items()])
