"""How fast, and how surely, a tree of processes is gone once the grace is over.

500 descendants in three levels, 250 in sessions of their own, 50 daemons forked twice, 50 that ignore
SIGTERM, 10 stopped (the fixture's fork-tree). SIGTERM to the supervisor, 300 ms of grace, then SIGKILL.
Time is taken from the moment at which SIGKILL was due to the supervisor's end, so a late timer counts;
then every pid is looked up in /proc (programs/tree.cpp). Peers have no grace: only what they leave counts.
"""
from context import Bar, Panel, Result, quartiles

GRACE_MS = 300
SHAPE = ["fork-tree", "500", "250", "50", "50", "10"]
PEERS = {"tini -g": ["/usr/bin/tini", "-s", "-g", "--"], "dumb-init": ["/usr/bin/dumb-init"],
         "catatonit -g": ["/usr/bin/catatonit", "-g", "--"]}


def measure(context):
    if context.fixture is None:
        raise SystemExit("bench: no toolkit_fixture below the folder of toolkit; make bench builds it")
    child = [str(context.fixture), *SHAPE]
    ours = context.samples("tree", context.scaled(20, 1000), GRACE_MS, "::", context.toolkit, "run", "-q", "--grace",
                           f"{GRACE_MS}ms", "--", *child)
    left = {name: context.samples("tree", 3, 0, "::", *command, *child) for name, command in PEERS.items()}
    times = [row[0] / 1e6 for row in ours]
    survivors, zombies = sum(row[1] for row in ours), sum(row[2] for row in ours)
    clean = sum(1 for row in ours if row[1] == row[2] == 0 and row[0] <= 100e6)
    alive = {"toolkit": max(row[1] + row[2] for row in ours)}
    alive.update({name: max(row[1] for row in rows) for name, rows in left.items()})
    return Result(
        title="500 descendants in 250 sessions",
        bars=[Bar("500 descendants gone and reaped after SIGKILL", "≤ 100 ms, every time",
                  f"median {quartiles(times)[1]:.1f} ms, worst {max(times):.1f} ms",
                  f"tini -g leaves {alive['tini -g']}", f"{clean} of {len(ours)} rounds", clean == len(ours))],
        panels=[Panel("500 descendants, from SIGKILL to the end",
                      "ms", [("toolkit, median", quartiles(times)[1]), ("toolkit, worst", max(times))], 100, "100 ms", 1),
                Panel("Left alive of 500 descendants", "processes", list(alive.items()), decimals=0)],
        columns=["supervisor", "rounds", "ms after SIGKILL was due, median", "worst", "left alive, worst round"],
        rows=[["toolkit", str(len(ours)), f"{quartiles(times)[1]:.1f}", f"{max(times):.1f}", str(alive["toolkit"])]] +
        [[name, str(len(rows)), "", "", str(alive[name])] for name, rows in left.items()],
        remarks=[f"toolkit: {survivors} survivors and {zombies} zombies in all rounds together."])
