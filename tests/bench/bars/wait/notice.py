"""How long after something is so `toolkit wait` has ended, against what people use for it.

A waiter is started, and after a random time the file appears, the port listens, the process or the job
ends; time runs from there to the waiter's end as its parent sees it, and for a file also to the line that
it prints (--json): a program with an inotify watch ends 8 to 20 ms later, for the kernel's sake. Peers look
once a second, so they need half a second in the middle; measured all the same.
"""
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

from context import Bar, Panel, Result, quartiles

QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def noticed(waiter, happen):
    """Milliseconds from what `happen` does to the waiter's end."""
    process = subprocess.Popen(waiter, **QUIET)
    time.sleep(random.uniform(0.15, 0.6))
    began = happen()
    process.wait(timeout=30)
    return (time.monotonic_ns() - began) / 1e6


def told(waiter, happen):
    """Milliseconds from what `happen` does to the waiter's line on stdout."""
    process = subprocess.Popen(waiter, **{**QUIET, "stdout": subprocess.PIPE})
    time.sleep(random.uniform(0.15, 0.6))
    began = happen()
    process.stdout.readline()
    ended = time.monotonic_ns()
    process.wait(timeout=30)
    process.stdout.close()
    return (ended - began) / 1e6


def file_rounds(context, rounds, command, until=noticed):
    path = pathlib.Path(context.memory, "appears")

    def create():
        began = time.monotonic_ns()
        path.touch()
        return began

    times = []
    for _ in range(rounds):
        path.unlink(missing_ok=True)
        times.append(until(command(path), create))
    return times


def port_rounds(rounds, command):
    times = []
    for _ in range(rounds):
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))

        def listen(listener=listener):
            began = time.monotonic_ns()
            listener.listen(16)
            return began

        times.append(noticed(command(listener.getsockname()[1]), listen))
        listener.close()
    return times


def process_rounds(rounds, command):
    times = []
    for _ in range(rounds):
        sleeper = subprocess.Popen(["sleep", "100"], **QUIET)

        def end(sleeper=sleeper):
            began = time.monotonic_ns()
            sleeper.kill()
            sleeper.wait()
            return began

        times.append(noticed(command(sleeper.pid), end))
    return times


def job_rounds(context, rounds):
    state = str(context.memory / "state")
    pid_file = context.memory / "job.pid"
    times = []
    for _ in range(rounds):
        pid_file.unlink(missing_ok=True)
        run = subprocess.Popen([context.toolkit, "run", "-q", "--name", "bench", "--state-dir", state, "--pid-file",
                                pid_file, "--", "sleep", "100"], **QUIET)
        while not pid_file.exists():
            time.sleep(0.005)

        def end():
            began = time.monotonic_ns()
            os.kill(int(pid_file.read_text()), signal.SIGKILL)
            return began

        times.append(noticed([context.toolkit, "wait", "--state-dir", state, "job:bench"], end))
        run.wait()
    return times


def measure(context):
    rounds, few = context.scaled(30, 200), 8
    toolkit = [context.toolkit, "wait"]
    times = {
        "toolkit, job's end": job_rounds(context, rounds),
        "toolkit, process's end": process_rounds(rounds, lambda pid: [*toolkit, f"pid:{pid}"]),
        "tail --pid": process_rounds(few, lambda pid: ["tail", f"--pid={pid}", "-f", "/dev/null"]),
        "toolkit, file, told": file_rounds(context, rounds, lambda path: [*toolkit, "--json", f"file:{path}"], told),
        "toolkit, file, ended": file_rounds(context, rounds, lambda path: [*toolkit, f"file:{path}"]),
        "until test -e; sleep 1": file_rounds(
            context, few, lambda path: ["sh", "-c", 'until test -e "$0"; do sleep 1; done', path]),
        "toolkit, port": port_rounds(rounds, lambda port: [*toolkit, f"tcp://127.0.0.1:{port}"]),
        "toolkit, port, 20 ms": port_rounds(
            rounds, lambda port: [*toolkit, "--interval", "20ms", f"tcp://127.0.0.1:{port}"]),
        "wait-for-it": port_rounds(few, lambda port: ["/usr/bin/wait-for-it", "-q", "-t", "20", f"127.0.0.1:{port}"]),
    }
    median = {name: quartiles(row)[1] for name, row in times.items()}

    def bar(what, name, limit, peer):
        return Bar(what, f"≤ {limit:.3g} ms", f"{median[name]:.2f} ms", f"{peer} {median[peer]:.0f} ms" if peer else "",
                   f"{median[name] / median[peer]:.3f}" if peer else "", median[name] <= limit)

    return Result(
        title="Noticing",
        bars=[bar("a job's code after its child is killed", "toolkit, job's end", 5, ""),
              bar("a process's code after its end", "toolkit, process's end", 2, "tail --pid"),
              bar("a file that appears, until it is told", "toolkit, file, told", 2, "until test -e; sleep 1"),
              bar("a port that listens, looked at every 20 ms", "toolkit, port, 20 ms", 20, "wait-for-it"),
              bar("a port that listens, as it comes", "toolkit, port", median["wait-for-it"] / 10, "wait-for-it")],
        panels=[Panel("From what happens to the waiter's end", "ms", list(median.items()), 5, "5 ms")],
        columns=["waiter", "rounds", "median ms", "quartiles"],
        rows=[[name, str(len(row)), f"{median[name]:.2f}", "{:.2f} to {:.2f}".format(*quartiles(row)[::2])]
              for name, row in times.items()])
