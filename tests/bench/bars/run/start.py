"""How long from starting a supervisor to its end, when its child is /bin/true.

posix_spawn to wait4, in interleaved rounds of random order (programs/start.cpp), output to /dev/null,
nothing pinned. With a log and a job record it is measured twice: on tmpfs, where the bar is judged,
and on disk, where the record's fsync is added (a record must be whole after a crash of the node), which
says more about the disk than about us: 0.6 ms where it is idle, 20 ms and more where it is busy.
"""
from context import Bar, Panel, Result, quartiles, ratio_interval, ratio_text, separated


def recorded(context, folder):
    return [context.toolkit, "run", "-q", "--log", f"{folder}/start.log", "--name", "bench",
            "--state-dir", f"{folder}/state", "--", "/bin/true"]


def measure(context):
    commands = {
        "/bin/true alone": ["/bin/true"],
        "tini-static": ["/usr/bin/tini-static", "-s", "--", "/bin/true"],
        "tini": ["/usr/bin/tini", "-s", "--", "/bin/true"],
        "dumb-init": ["/usr/bin/dumb-init", "/bin/true"],
        "catatonit": ["/usr/bin/catatonit", "--", "/bin/true"],
        "toolkit": [context.toolkit, "run", "-q", "--", "/bin/true"],
        "toolkit, log and record": recorded(context, context.memory),
    }
    samples = context.samples("start", context.scaled(1000, 5000), *separated(commands.values()))
    times = {name: [ns / 1e6 for ns in row] for name, row in zip(commands, samples)}
    on_disk = context.samples("start", context.scaled(200, 1000), *separated([recorded(context, context.disk)]))
    shown = {**times, "toolkit, log and record on disk": [ns / 1e6 for ns in on_disk[0]]}
    medians = {name: quartiles(row)[1] for name, row in shown.items()}

    def bar(name, limit):
        interval = ratio_interval(times[name], times["tini-static"])
        return Bar(f"start and end, {name}", f"≤ {limit:.2f} × tini-static", f"{medians[name]:.3f} ms",
                   f"{medians['tini-static']:.3f} ms", ratio_text(interval), interval[0] <= limit)

    return Result(
        title="Start to end of /bin/true",
        bars=[bar("toolkit, log and record", 1.10), bar("toolkit", 1.02)],
        panels=[Panel("Start to end of /bin/true", "ms", [item for item in medians.items() if "disk" not in item[0]],
                      1.10 * medians["tini-static"], "1.10 × tini-static")],
        columns=["command", "rounds", "median ms", "quartiles", "first decile"],
        rows=[[name, str(len(row)), f"{medians[name]:.3f}", "{:.3f} to {:.3f}".format(*quartiles(row)[::2]),
               f"{sorted(row)[len(row) // 10]:.3f}"] for name, row in shown.items()],
        remarks=["The first decile is what a busy machine disturbs least. What the disk adds is the job record's fsync calls."])
