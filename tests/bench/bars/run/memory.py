"""The most memory that a supervisor ever has resident, whatever its child writes.

Two sources, the larger counts: VmHWM of the supervisor as its child ends, read by the meter around the
child in /proc/PPID/status; and ru_maxrss from wait4 when the supervisor is over, which includes its own
end (and its child, which is smaller). Meters are static and small, since ru_maxrss begins with the size of
the process that called exec.
"""
from context import Bar, Panel, Result

LIMIT_KIB = 2560
GIB = 1 << 30


def peak(context, options, child, sink=">/dev/null"):
    out = context.fresh(context.disk / "memory")
    measured = context.shell(f"@all {context.toolkit} run -q --log {out} {options} -- @child {child} {sink}")
    return max(measured["all"]["peak_kib"], measured["child"]["parent_peak_kib"])


def filter_peak(context, writer, words):
    out = context.fresh(context.disk / "memory")
    return context.shell(f"{writer} | {words.replace('OUT', str(out))}")["tool"]["peak_kib"]


def measure(context):
    writer = context.program("writer")
    blocked = "| (sleep 6; cat >/dev/null)"
    cases = {
        "child says nothing": peak(context, "", "/bin/true"),
        "1 GiB of lines": peak(context, "", f"{writer} lines {GIB}"),
        "1 GiB in one line": peak(context, "", f"{writer} line {GIB}"),
        "a million \\r updates": peak(context, "", f"{writer} bars 1000000"),
        "stdout blocked for 6 s": peak(context, "--stall 1s", f"{writer} lines {256 << 20}", blocked),
        "stdout blocked, json log": peak(context, "--stall 1s --log-format json", f"{writer} lines {256 << 20}", blocked),
        "job record, rotation": peak(context, f"--name bench --state-dir {context.memory} --log-max-size 1M",
                                     f"{writer} lines {64 << 20}"),
    }
    peers = {
        "tee, 1 GiB of lines": filter_peak(context, f"{writer} lines {GIB}", "@tool tee OUT >/dev/null"),
        "s6-log, stdout blocked for 6 s": filter_peak(context, f"{writer} lines {256 << 20}", "@tool s6-log 1 " + blocked),
        "ts, 8 MiB": filter_peak(context, f"{writer} lines {8 << 20}", "@tool ts >OUT"),
        "tini-static": context.shell("@all tini-static -s -- /bin/true")["all"]["peak_kib"],
        "toolkit --version": context.shell(f"@all {context.toolkit} --version >/dev/null")["all"]["peak_kib"],
    }
    worst = max(cases, key=cases.get)
    rows = {**cases, **peers}
    return Result(
        title="Peak resident memory",
        bars=[Bar("peak RSS, the worst case of all", "≤ 2.5 MiB", f"{cases[worst] / 1024:.2f} MiB ({worst})",
                  f"tee {peers['tee, 1 GiB of lines'] / 1024:.2f} MiB", f"{cases[worst] / LIMIT_KIB:.2f} of the bar",
                  cases[worst] <= LIMIT_KIB)],
        panels=[Panel("Peak resident memory", "MiB",
                      [("toolkit: " + name if name in cases else name, kib / 1024) for name, kib in rows.items()],
                      LIMIT_KIB / 1024, "2.5 MiB")],
        columns=["case", "peak KiB"],
        rows=[[name, str(kib)] for name, kib in rows.items()],
        remarks=["`toolkit --version` is the floor: the executable's pages before `run` does anything."])
