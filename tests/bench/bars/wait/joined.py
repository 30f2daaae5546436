"""How long after the last worker of a PyTorch job has joined `toolkit wait store://` says so, with no option
given: a real TCPStore and real workers (tests/labs/rendezvous/joining.py). Without PyTorch, a barrier of ours.
"""
import random
import socket
import subprocess
import time

from context import Bar, Panel, Result, quartiles

PYTHON = "/usr/bin/python3"  # the one that the package python3-torch belongs to
KEY = b"\5\0\0\0\0\0\0\0init/"


class TorchStore:
    name = "PyTorch's TCPStore"

    def __init__(self, context):
        self.process = subprocess.Popen([PYTHON, "-B", context.root / "tests/labs/rendezvous/joining.py"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def say(self, words):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def open(self, port):
        return self.say(f"{port} 2") == "listening"

    def join(self):
        return int(self.say("join"))

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class OurStore:
    name = "a barrier of ours"

    def __init__(self, context):
        self.context, self.barrier, self.workers = context, None, []

    def open(self, port):
        self.end()
        self.port = port
        self.barrier = subprocess.Popen([self.context.toolkit, "wait", "-q", f"barrier://127.0.0.1:{port}?workers=9"])
        return True

    def join(self):
        while True:
            try:
                self.workers.append(socket.create_connection(("127.0.0.1", self.port)))
                break
            except ConnectionRefusedError:
                time.sleep(0.005)
        self.workers[-1].sendall(b"\3" + KEY + b"\1\0\0\0\0\0\0\0")
        self.workers[-1].recv(8)
        return time.monotonic_ns()

    def end(self):
        if self.barrier:
            self.barrier.kill()
            self.barrier.wait()


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def told_after(context, store):
    """Milliseconds from the last worker's arrival to the line that tells it."""
    port = free_port()
    store.open(port)
    waiter = subprocess.Popen([context.toolkit, "wait", "-q", "--json", f"store://127.0.0.1:{port}?workers=2"],
                              stdout=subprocess.PIPE)
    store.join()
    time.sleep(random.uniform(0.2, 1.2))
    joined = store.join()
    waiter.stdout.readline()
    told = time.monotonic_ns()
    waiter.wait()
    waiter.stdout.close()
    return (told - joined) / 1e6


def measure(context):
    store = TorchStore(context)
    if not store.open(free_port()):
        store = OurStore(context)
    times = sorted(told_after(context, store) for _ in range(context.scaled(60, 400)))
    store.end()
    middle, latest = quartiles(times), times[-1]
    return Result(
        title="The last worker of a job",
        bars=[Bar(f"the last worker at {store.name}, until it is told, at most", "≤ 50 ms", f"{latest:.1f} ms", "", "",
                  latest <= 50)],
        panels=[Panel("From the last worker to the line that tells it", "ms",
                      [("toolkit, median", middle[1]), ("toolkit, latest", latest)], 50, "50 ms")],
        columns=["store", "rounds", "median ms", "quartiles", "max ms"],
        rows=[[store.name, str(len(times)), f"{middle[1]:.1f}", f"{middle[0]:.1f} to {middle[2]:.1f}", f"{latest:.1f}"]])
