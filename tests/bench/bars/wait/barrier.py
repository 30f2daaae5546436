"""How long a client of `wait --barrier` waits for an answer, alone and behind 1,000 connections of which most say
nothing and the others half a request. Half of the questions come on a new connection each, as a port scan does.
"""
import resource
import socket
import statistics
import subprocess
import time

from context import Bar, Panel, Result

STRANGERS = 1000
KEY = b"\5\0\0\0\0\0\0\0init/"
CHECK = b"\4\1\0\0\0\0\0\0\0" + KEY  # is there such a key? One byte answers.
ADD = b"\3" + KEY + b"\1\0\0\0\0\0\0\0"


def connect(port):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.005)


def question(connection):
    connection.sendall(CHECK)
    connection.recv(1)


def round_trips(port, worker, count):
    times = []
    for i in range(count):
        began = time.perf_counter()
        if i % 2:
            question(worker)
        else:
            with connect(port) as guest:
                question(guest)
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


def measure(context):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    barrier = subprocess.Popen([context.toolkit, "wait", "-q", "--barrier", "1", "--listen", f"127.0.0.1:{port}"])
    worker, count = connect(port), context.scaled(1000, 10000)
    alone = round_trips(port, worker, count)
    strangers = [connect(port) for _ in range(STRANGERS)]
    for i, stranger in enumerate(strangers):
        stranger.sendall(CHECK[:i % len(CHECK)] if i % 3 == 1 else b"")
    behind = round_trips(port, worker, count)
    worker.sendall(ADD)
    worker.recv(8)
    worker.close()
    barrier.wait(timeout=30)
    rows = [[name, f"{statistics.median(t):.2f}", f"{t[len(t) * 99 // 100]:.2f}", f"{t[-1]:.2f}"]
            for name, t in (("alone", alone), (f"behind {STRANGERS:,} strangers", behind))]
    slowest = behind[len(behind) * 99 // 100]
    return Result(
        title="A barrier among strangers",
        bars=[Bar(f"answer of a barrier behind {STRANGERS:,} idle sockets, 99 of 100", "≤ 20 ms", f"{slowest:.2f} ms",
                  "", "", slowest <= 20)],
        panels=[Panel("Answer of a barrier, median", "ms", [("toolkit, alone", statistics.median(alone)),
                                                            ("toolkit, behind 1,000", statistics.median(behind))])],
        columns=["client", "p50 ms", "p99 ms", "max ms"], rows=rows,
        remarks=[f"{count:,} questions each."])
