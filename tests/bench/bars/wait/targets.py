"""What 200 conditions at once cost while none is met: 100 ports where nobody listens, 60 files, 40 processes.

CPU from /proc/PID/stat over ten seconds, from the third second on; memory is the peak (VmHWM).
"""
import os
import pathlib
import socket
import subprocess
import time

from context import Bar, Panel, Result

SECONDS = 10


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_ports(count):
    """Bound and never listening: refused, and nobody else's."""
    bound = [socket.socket() for _ in range(count)]
    for one in bound:
        one.bind(("127.0.0.1", 0))
    return bound


def measure(context):
    bound = free_ports(100)
    sleeper = subprocess.Popen(["sleep", "100"])
    conditions = [f"tcp://127.0.0.1:{one.getsockname()[1]}" for one in bound]
    conditions += [f"file:{context.memory}/none-{i}" for i in range(60)]
    conditions += [f"pid:{sleeper.pid}" for _ in range(40)]
    waiter = subprocess.Popen([context.toolkit, "wait", "-q", *conditions])
    time.sleep(3)
    before, began = cpu_seconds(waiter.pid), time.monotonic()
    time.sleep(SECONDS)
    share = 100 * (cpu_seconds(waiter.pid) - before) / (time.monotonic() - began)
    status = pathlib.Path(f"/proc/{waiter.pid}/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    for process in (waiter, sleeper):
        process.kill()
        process.wait()
    return Result(
        title="200 conditions at once",
        bars=[Bar("CPU of 200 waiting conditions", "< 1 % of a core", f"{share:.2f} %", "", "", share < 1),
              Bar("peak RSS of 200 waiting conditions", "< 8 MB", f"{peak:.1f} MiB", "", "", peak * 1.048576 < 8)],
        panels=[Panel("CPU of 200 waiting conditions", "% of a core", [("toolkit", share)], 1, "1 %"),
                Panel("Peak RSS of 200 waiting conditions", "MiB", [("toolkit", peak)], 7.6, "8 MB")])
