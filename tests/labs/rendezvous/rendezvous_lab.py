#!/usr/bin/env python3
"""Rendezvous with real PyTorch: its store read during a job, and its processes at a barrier of ours, mixed
with shells: python3-torch of this machine (1.13 on Debian 12), 2.6 in a Debian 13 root and 1.7 in one of Debian 11,
which torch_root.sh makes (MACHINES_FOLDER/trixie-torch, bullseye-torch); 1.7 is read only. Exits 77 with a reason
where no torch is, unless TOOLKIT_LABS=required.

    rendezvous_lab.py TOOLKIT WORK_FOLDER MACHINES_FOLDER [ROUNDS]
"""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

PYTHON = "/usr/bin/python3"  # the one that the package python3-torch belongs to
HERE = pathlib.Path(__file__).resolve().parent
WORKER, JOINING = ((HERE / name).read_text() for name in ("worker.py", "joining.py"))
FAILURES = []
# The only bytes that a reader may send: what tells the dialects, and check and get of init/ in each numbering.
# In that of 1.13 the one of 1.7 would add.
KEY = b"\5\0\0\0\0\0\0\0init/"
ONE = b"\1\0\0\0\0\0\0\0"
PROBES = {b"\0\xce\xf7\x85\x3c" + b"\7" * 7, b"\6" * 9, b"\5" * 9}
HARMLESS = {b"\4" + ONE + KEY, b"\2" + KEY, b"\5" + ONE + KEY, b"\3" + KEY} | PROBES
HARMLESS_OF_1_7 = {b"\3" + ONE + KEY, b"\1" + KEY} | PROBES


def check(what, good, detail=""):
    print(f"{'ok' if good else 'FAIL':5} {what}{'' if good else f': {detail}'}", flush=True)
    if not good:
        FAILURES.append(what)


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


class Torch:
    """An installed PyTorch: how its Python is started, its release, and what speaks against using it."""

    def __init__(self, prefix):
        ask = "import sys, torch, torch.distributed as d; print(torch.__version__); sys.exit(not d.is_gloo_available())"
        asked = subprocess.run([*prefix, PYTHON, "-c", ask], capture_output=True, text=True, check=False)
        self.prefix = prefix
        self.name = "torch " + ".".join(asked.stdout.split(".")[:2])
        self.serves_shells = self.name != "torch 1.7"  # whose numbers of requests a barrier cannot tell from those of later ones
        self.why_not = "" if asked.returncode == 0 else f"no torch with gloo: {asked.stderr.strip().splitlines()[-1:]}"


def in_root(root):
    # The mounts belong to a namespace of their own and go with it.
    script = 'for d in proc dev sys; do mount --rbind /$d "$0/$d"; done; exec chroot "$0" "$@"'
    return ["unshare", "-m", "sh", "-ec", script, str(root)]


class Worker:
    """A rank that stays, so that torch is imported once."""

    def __init__(self, torch, rank, world):
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo", "LC_ALL": "C"}
        self.process = subprocess.Popen(
            [*torch.prefix, PYTHON, "-B", "-u", "-c", WORKER, str(rank), str(world)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        self.lines, self.arrived = [], threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            with self.arrived:
                self.lines.append(line.strip())
                self.arrived.notify_all()

    def play(self, port, mode, steps=1):
        self.process.stdin.write(f"{port} {mode} {steps}\n")
        self.process.stdin.flush()

    def says(self, beginning, seconds=120):
        """The line that begins so, without that; None when it does not come."""
        with self.arrived:
            found = self.arrived.wait_for(
                lambda: next((line for line in self.lines if line.startswith(beginning)), None), seconds)
        return found[len(beginning):].strip() if found else None

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def wait_command(toolkit, *words):
    return subprocess.Popen([toolkit, "wait", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def sends(trace):
    """What went to sockets, as bytes, from strace's hexadecimal."""
    for line in trace.read_text().splitlines():
        found = re.search(r'(?:sendto|sendmsg|write|send)\(\d+, "((?:\\x[0-9a-f]{2})*)"', line)
        if found:
            yield bytes.fromhex(found[1].replace("\\x", ""))


def read_a_job(toolkit, torch, work, workers):
    """20 looks a second at the store of a training, half of them on a new connection each."""
    steps = 250
    port = free_port()
    trace = work / f"{torch.name}.strace"
    strace = shutil.which("strace")
    # Not met before both are there, so that it also sees the store come up.
    tracer = [strace, "-f", "-xx", "-s", "200", "-e", "trace=sendto,sendmsg", "-o", str(trace)] if strace else []
    # A sanitized build cannot look for leaks while it is traced.
    first = subprocess.Popen([*tracer, toolkit, "wait", "--json", "--timeout", "100s", "--interval", "20ms",
                              f"store://127.0.0.1:{port}?workers=2"], stdout=subprocess.PIPE, text=True,
                             env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    for worker in workers:
        worker.play(port, "rank0", steps)
    first.wait()
    check(f"{torch.name}: two of two are seen to have joined", first.returncode == 0, first.stdout.read())
    # One too many, so that it looks again and again on one connection.
    kept = wait_command(toolkit, "--json", "--timeout", "4s", "--interval", "100ms",
                        f"store://127.0.0.1:{port}?workers=3")
    fresh, met, slowest = 0, 0, 0.0
    while kept.poll() is None:
        begin = time.monotonic()
        looked = subprocess.run([toolkit, "wait", "--timeout", "2s", f"store://127.0.0.1:{port}?workers=2"],
                                capture_output=True, check=False)
        slowest = max(slowest, time.monotonic() - begin)
        fresh, met = fresh + 1, met + (looked.returncode == 0)
        time.sleep(max(0.0, 0.1 - (time.monotonic() - begin)))
    report = json.loads(kept.stdout.read())["conditions"][0]
    check(f"{torch.name}: on one connection it says 2/3 joined", kept.returncode == 124 and
          report["words"] == "2/3 joined", report)
    check(f"{torch.name}: each new connection counts two of two", met == fresh, f"{met} of {fresh}")
    print(f"      {report['attempts']} looks on one connection and {fresh} on new ones in 4 s, the slowest of "
          f"these {slowest * 1000:.0f} ms with its process")
    sums = [worker.says(f"{port} ") for worker in workers]
    check(f"{torch.name}: the job under these looks has its result", sums == [str(3.0 * steps)] * 2, sums)
    if strace:
        said, allowed = list(sends(trace)), HARMLESS_OF_1_7 if torch.name == "torch 1.7" else HARMLESS
        check(f"{torch.name}: every request is one send, and none of them can change a store",
              bool(said) and set(said) <= allowed, set(said) - allowed)


def until_two_have_joined(toolkit, port):
    """The shells: ranks are done in no time and leave, and who leaves before all have come counts no more."""
    subprocess.run([toolkit, "wait", "-q", "--timeout", "60s", "--interval", "10ms",
                    f"store://127.0.0.1:{port}?workers=2"], check=False)


def mix(toolkit, torch, workers, rounds):
    """Two ranks and two shells at a barrier of ours."""
    good, slowest = 0, 0.0
    wrong = []
    for _ in range(rounds):
        begin = time.monotonic()
        port = free_port()
        barrier = wait_command(toolkit, "--timeout", "60s", f"barrier://127.0.0.1:{port}?workers=4")
        shells = [wait_command(toolkit, "--timeout", "60s", "--interval", "50ms", f"join://127.0.0.1:{port}")
                  for _ in range(2)]
        until_two_have_joined(toolkit, port)
        for worker in workers:
            worker.play(port, "elsewhere")
        sums = [worker.says(f"{port} ") for worker in workers]
        codes = [process.wait() for process in (*shells, barrier)]
        slowest = max(slowest, time.monotonic() - begin)
        if sums == ["3.0"] * 2 and codes == [0, 0, 0]:
            good += 1
        else:
            wrong.append((sums, codes, barrier.stderr.read()))
    check(f"{torch.name}: {good} of {rounds} rendezvous of two ranks and two shells", good == rounds, wrong[:3])
    print(f"      the slowest took {slowest:.2f} s")


def last_worker(toolkit, torch, rounds):
    """From the last of two workers that join a store, at any time, to the line that tells it."""
    store = subprocess.Popen([*torch.prefix, PYTHON, "-B", "-u", "-c", JOINING], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def say(words):
        store.stdin.write(words + "\n")
        store.stdin.flush()
        return store.stdout.readline().strip()

    times, wrong = [], []
    for _ in range(rounds):
        port = free_port()
        say(f"{port} 2")
        waiter = wait_command(toolkit, "-q", "--json", "--timeout", "60s", f"store://127.0.0.1:{port}?workers=2")
        say("join")
        time.sleep(random.uniform(0.1, 0.6))
        joined = int(say("join"))
        told = json.loads(waiter.stdout.readline())
        times.append((time.monotonic_ns() - joined) / 1e6)
        if waiter.wait() != 0 or told["conditions"][0]["words"] != "2/2 joined":
            wrong.append(told)
    store.stdin.close()
    store.wait()
    times.sort()
    check(f"{torch.name}: the last worker is told of soon", not wrong and times[rounds // 2] < 250, wrong or times)
    print(f"      after {times[rounds // 2]:.0f} ms in the middle and {times[-1]:.0f} ms at most, of {rounds}")


def both_together(toolkit, torches):
    """A job of one rank of each release and two shells at one barrier: old and new clients at a time. In one
    job the releases would not agree on what they write into the store."""
    port = free_port()
    barrier = wait_command(toolkit, "--timeout", "100s", f"barrier://127.0.0.1:{port}?workers=4")
    workers = [(torch, Worker(torch, 0, 1)) for torch in torches]
    for _, worker in workers:
        worker.says("ready", 120)
    shells = [wait_command(toolkit, "--timeout", "60s", f"join://127.0.0.1:{port}") for _ in range(2)]
    until_two_have_joined(toolkit, port)
    for _, worker in workers:
        worker.play(port, "elsewhere")
    for torch, worker in workers:
        total = worker.says(f"{port} ")
        check(f"{torch.name} beside the other at one barrier", total == "1.0", total)
        worker.end()
    codes = [process.wait() for process in (*shells, barrier)]
    check("both releases and two shells at one barrier", codes == [0, 0, 0], codes)


def main():
    toolkit, work, machines = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 10
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    candidates = [("this machine", [])]
    for suite in ("bullseye", "trixie"):
        if (machines / f"{suite}-torch").is_dir() and os.geteuid() == 0:
            candidates.append((f"the {suite} root", in_root(machines / f"{suite}-torch")))
        else:
            print(f"no {suite} root: as root, tests/labs/rendezvous/torch_root.sh MACHINES_FOLDER {suite} makes it")
    there = []
    for place, prefix in candidates:
        torch = Torch(prefix)
        print(f"{place}: {torch.why_not or torch.name}", flush=True)
        there += [] if torch.why_not else [torch]
    if not there:
        print("skipped: no PyTorch here")
        return 1 if os.environ.get("TOOLKIT_LABS") == "required" else 77
    for torch in there:
        workers = [Worker(torch, rank, 2) for rank in range(2)]
        try:
            print("     ", workers[0].says("ready", 120), workers[1].says("ready", 120))
            read_a_job(toolkit, torch, work, workers)
            if torch.serves_shells:
                mix(toolkit, torch, workers, rounds)
                last_worker(toolkit, torch, 20)
        finally:
            for worker in workers:
                worker.end()
    there = [torch for torch in there if torch.serves_shells]
    if len(there) > 1:
        both_together(toolkit, there)
    print(f"{len(FAILURES)} wrong" if FAILURES else "all as it should be")
    return 1 if FAILURES else 0


if __name__ == "__main__":
    sys.exit(main())
