#!/usr/bin/env python3
"""A sync that follows, while its destination is cut off, stands still, dies, is slow, and forbids.

    cuts_lab.py TOOLKIT FOLDER    PLACES=sftp or s3 for one, SEED=N to repeat

A real sshd and a real Ceph gateway, in a network of the lab's own. Whatever happens: what lies at the destination is a
beginning of its source, nothing is lost, and the exit code says how it ended. Exits 77 with a reason where
there is no such network, unless TOOLKIT_LABS=required.
"""
import os
import shutil
import signal
import subprocess
import sys
import time

FOLLOW = ("--follow", "--max-lag", "100ms", "--interval", "1s", "--silence", "1500ms", "--retry-delay", "100ms")


def into_own_network():
    """This very script, in a network namespace of its own, of which only the loopback is used."""
    if os.environ.get("TOOLKIT_CUTS_INSIDE"):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    missing = [name for name in ("unshare", "iptables", "tc", "ip") if not shutil.which(name)]
    tried = ["unshare", "-n", "sh", "-c", "ip link set lo up && iptables -A INPUT -p tcp --dport 9 -j DROP"]
    if missing or subprocess.run(tried, check=False, capture_output=True).returncode != 0:
        print(f"skipped: no {missing[0]}" if missing else "skipped: no network of its own can be made here")
        sys.exit(1 if os.environ.get("TOOLKIT_LABS") == "required" else 77)
    os.environ["TOOLKIT_CUTS_INSIDE"] = "yes"
    os.execvp("unshare", ["unshare", "-n", sys.executable, "-B", *sys.argv])


into_own_network()
from check import Tool, summary  # noqa: E402
from growing import GrowingFile, Writer  # noqa: E402
from places import everywhere  # noqa: E402


def port_of(place):
    return place.server.port if place.name == "sftp" else place.gateway.port


def drop(place, how="-A"):
    """Everything to and from the server, without a word to anybody."""
    for way in ("--dport", "--sport"):
        subprocess.run(["iptables", how, "INPUT", "-p", "tcp", way, str(port_of(place)), "-j", "DROP"], check=True)


def silent_cut(place):
    drop(place)
    time.sleep(5)
    drop(place, "-D")


def standstill(place):
    signal_server(place, signal.SIGSTOP)
    time.sleep(4)
    signal_server(place, signal.SIGCONT)


def signal_server(place, number):
    if place.name == "sftp":
        place.server.signal_sessions(number)
    else:
        place.gateway.signal_gateway(number)


def death(place):
    if place.name == "sftp":
        port = place.server.port
        place.server.end()
        time.sleep(2)
        place.server = place.site.sshd(port=port)
    else:
        place.gateway.kill_gateway()
        time.sleep(2)
        place.gateway.start_gateway()


def narrow_link(_place):
    subprocess.run("tc qdisc add dev lo root tbf rate 2mbit burst 16k latency 400ms".split(), check=True)
    time.sleep(4)
    subprocess.run("tc qdisc del dev lo root".split(), check=True)


class Trial:
    def __init__(self, check, binary, place, folder, seed):
        self.check, self.place, self.folder = check, place, folder
        self.seed = seed
        self.binary = binary

    def begin(self, name):
        self.name = f"{self.place.name}, {name}"
        self.place.clear()
        source = self.folder / "source"
        shutil.rmtree(source, ignore_errors=True)
        self.files = [GrowingFile(source / f"rank{i}.log", self.seed + i) for i in range(4)]
        self.source = f"{source}/"
        self.tool = Tool(self.binary, self.place, self.folder / f"state-{self.place.name}-{name}")

    def judge(self, equal):
        there = self.place.content()
        for file in self.files:
            path = there / file.path.name
            self.check.true(f"{self.name}: {path.name} is a beginning", file.is_prefix(path))
            if equal:
                self.check.true(f"{self.name}: {path.name} is all there",
                                path.exists() and path.stat().st_size == file.size)

    def trouble(self, happens):
        """It goes on by itself, and nothing of what was written meanwhile is lost."""
        self.begin(happens.__name__)
        process = self.tool.start(*FOLLOW, "--grace", "20s", self.source, self.place.target())
        with Writer(self.files, 400_000, self.seed):
            time.sleep(2)
            happens(self.place)
            time.sleep(3)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
        self.check.equal(f"{self.name}: exit code, {err.decode(errors='replace')[-300:]}", process.returncode, 0)
        self.judge(equal=True)
        counts = summary(out)
        print(f"{self.name}: {sum(file.size for file in self.files)} bytes written, {counts.get('sent_bytes')} sent, "
              f"{counts.get('retries')} retries", flush=True)

    def never_back(self):
        """Cut off for good: 75 inside the grace, and the next start brings the rest."""
        self.begin("cut off for good")
        process = self.tool.start(*FOLLOW, "--grace", "4s", self.source, self.place.target())
        with Writer(self.files, 400_000, self.seed):
            time.sleep(2)
            drop(self.place)
            time.sleep(1)
        process.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        out, err = process.communicate(timeout=60)
        took = time.monotonic() - asked
        drop(self.place, "-D")
        self.check.equal(f"{self.name}: exit code, {err.decode(errors='replace')[-300:]}", process.returncode, 75)
        self.check.true(f"{self.name}: inside the grace and a little, it took {took:.1f} s", took < 8)
        self.check.true(f"{self.name}: says for how long it is behind", summary(out).get("lag_seconds", 0) > 0)
        self.judge(equal=False)
        code, _, err = self.tool.run(self.source, self.place.target())
        self.check.equal(f"{self.name}: the next start, {err[-300:]}", code, 0)
        self.judge(equal=True)
        print(f"{self.name}: ended with 75 after {took:.1f} s", flush=True)

    def revoked(self):
        """Keys that are taken back while it follows: it says so, ends with 1, and with valid ones the next start goes
        on from there."""
        self.begin("keys taken back")
        gateway = self.place.gateway
        process = self.tool.start(*FOLLOW, "--grace", "5s", self.source, self.place.target())
        with Writer(self.files, 400_000, self.seed):
            time.sleep(2)
            admin = ("radosgw-admin", "-c", "ceph.conf")
            gateway.run(*admin, "user", "suspend", "--uid=t")
            time.sleep(4)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=30)
            gateway.run(*admin, "user", "enable", "--uid=t")
        self.check.equal(f"{self.name}: exit code, {err.decode(errors='replace')[-300:]}", process.returncode, 1)
        self.check.true(f"{self.name}: a remedy", b"try: " in err or b"denied" in err)
        self.judge(equal=False)
        code, _, words = self.tool.run("--retries", "8", self.source, self.place.target())
        self.check.equal(f"{self.name}: the next start, {words[-300:]}", code, 0)
        self.judge(equal=True)
        print(f"{self.name}: ended with 1, and the next start went on", flush=True)


def trial(check, binary, place, folder, seed):
    if place.name == "directory":
        return
    one = Trial(check, binary, place, folder, seed)
    for happens in (silent_cut, standstill, death, narrow_link):
        one.trouble(happens)
    one.never_back()
    if place.name == "s3":
        one.revoked()


everywhere(trial)
