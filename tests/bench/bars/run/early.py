"""What becomes of a SIGTERM that comes within 5 ms of the supervisor's start (programs/early.cpp).

As PID 1 of a PID namespace and as an ordinary process, the moment uniformly at random. It is lost when the
child, a sleep, goes on running. As PID 1 the kernel drops a signal that is neither blocked nor handled, so
the time until the supervisor blocks it is a window that nobody can close but everybody can shorten. A
loss after SIGTERM was seen blocked would be a supervisor's own fault. Few of 5 ms are in that window, so
it is measured once more with all signals in the first half millisecond.
"""
import os

from context import Bar, Panel, Result, separated

LATE_US, EARLY_US = 5000, 500


class Series:
    """Some trials of one kind for both supervisors; `before` and `after` are losses in per cent."""

    def __init__(self, context, commands, trials, latest_us, place):
        self.words = f"{'PID 1' if place == 'pid1' else 'not PID 1'}, 0 to {latest_us / 1000:g} ms"
        self.trials = trials
        tallies = context.samples("early", trials, latest_us, place, *separated(commands.values()))
        self.lost = {name: (before, after) for name, (_, before, after) in zip(commands, tallies)}

    def own_fault(self):
        after, peer_after = self.lost["toolkit"][1], self.lost["tini-static"][1]
        return Bar(f"SIGTERM lost after our first instructions, {self.words}", f"0 of {self.trials}", str(after),
                   f"tini-static {peer_after}", "", after == 0)

    def window(self):
        before, peer_before = self.lost["toolkit"][0], self.lost["tini-static"][0]
        return Bar(f"SIGTERM lost in the kernel's window, {self.words}", "≤ 0.5 × tini-static",
                   f"{before} of {self.trials}", f"{peer_before} of {self.trials}",
                   f"{before / max(peer_before, 1):.2f}", before <= 0.5 * peer_before)

    def rows(self):
        return [[self.words, name, str(self.trials), str(before), str(after)]
                for name, (before, after) in self.lost.items()]


def measure(context):
    commands = {"toolkit": [context.toolkit, "run", "-q", "--", "/bin/sleep", "100"],
                "tini-static": ["/usr/bin/tini-static", "-s", "--", "/bin/sleep", "100"]}
    trials = context.scaled(1500, 10000)
    series = [Series(context, commands, trials, LATE_US, "plain")]
    bars = [series[0].own_fault()]
    if os.geteuid() == 0:
        series.append(Series(context, commands, trials, LATE_US, "pid1"))
        series.append(Series(context, commands, context.scaled(1000, 5000), EARLY_US, "pid1"))
        bars += [series[1].own_fault(), series[1].window(), series[2].own_fault(), series[2].window()]
    panel = [(f"{name}, {one.words}", 100 * sum(counts) / one.trials)
             for one in series for name, counts in one.lost.items()]
    return Result(
        title="SIGTERM in the first 5 ms",
        bars=bars,
        panels=[Panel("SIGTERM lost in the first milliseconds", "%", panel)],
        columns=["as", "supervisor", "trials", "lost before SIGTERM was blocked", "lost after"],
        rows=[row for one in series for row in one.rows()],
        remarks=[] if len(series) > 1 else ["PID 1 was not measured: a PID namespace needs root."])
