"""The first process of the lab's kernel: mounts what it needs, dies all deaths, and turns the power off."""
import ctypes
import errno
import fcntl
import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import time
import traceback

TOOLKIT, FIXTURE, FOLDER = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
MIB = 1 << 20
CGROUP = pathlib.Path("/sys/fs/cgroup")
LIBC = ctypes.CDLL(None, use_errno=True)
F_OFD_GETLK = 36  # fcntl.h

WORKER = """
import os
pid = os.fork()
if pid == 0:
    open('/proc/self/oom_score_adj', 'w').write('1000')
    block = bytearray(200 << 20)
    os._exit(0)
assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == 9
raise SystemExit(5)
"""


def mount(kind, point):
    if LIBC.mount(kind.encode(), str(point).encode(), kind.encode(), 0, None) != 0 and ctypes.get_errno() != errno.EBUSY:
        raise OSError(ctypes.get_errno(), f"mount {kind} on {point}")


def power_off():
    os.sync()
    LIBC.reboot(0x4321FEDC)  # LINUX_REBOOT_CMD_POWER_OFF


class Group:
    """A cgroup with the memory controller and a limit."""

    def __init__(self, name, **settings):
        self.path = CGROUP / name
        self.path.mkdir()
        for key, value in settings.items():
            (self.path / key.replace("_", ".", 1)).write_text(str(value))

    def events(self):
        return {key: int(value) for key, value in map(str.split, (self.path / "memory.events").read_text().splitlines())}


class Job:
    def __init__(self, name, group, child, options=()):
        self.name, self.folder = name, FOLDER / name
        self.folder.mkdir()

        def enter():
            if group:
                (group.path / "cgroup.procs").write_text(str(os.getpid()))
        with open(self.folder / "stderr", "wb") as err:
            self.process = subprocess.Popen(
                [TOOLKIT, "run", "--name", "job", "--state-dir", str(self.folder), *options, "--", *child],
                stdin=subprocess.DEVNULL, stderr=err, stdout=err, preexec_fn=enter)

    def record(self):
        return json.loads((self.folder / "job/job.json").read_text())

    def is_locked(self):
        with open(self.folder / "job/lock", "r+b") as lock:
            # struct flock: type, whence, start, length, pid
            asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
            return struct.unpack("hhqqi4x", fcntl.fcntl(lock, F_OFD_GETLK, asked))[0] != fcntl.F_UNLCK

    def judge(self, code, reason, oom, *words):
        ended = self.process.wait(timeout=60)
        record = self.record()
        seen = (ended, record["exit_code"], record["reason"], record["oom_killed"])
        missing = [word for word in words if word not in record["message"]]
        right = seen == (code, code, reason, oom) and not missing
        say(right, self.name, f"{seen} {record['message']!r} " + (self.folder / "stderr").read_text(), record["message"])


def say(right, name, why, verdict=""):
    with open(FOLDER / "results", "a", encoding="utf-8") as results:
        results.write(f"right {name}{verdict and f': {verdict}'}\n" if right else f"WRONG {name}: {why}\n")


def eat(mib):
    return [FIXTURE, "eat-memory", str(mib * MIB)]


def with_a_limit():
    Job("child out of memory", Group("plain", memory_max=64 * MIB), eat(200)).judge(137, "oom", True, "out of memory", "64.0 MiB")


def in_its_own_group():
    group = Group("own", memory_max=64 * MIB)
    Job("child out of memory in a cgroup of its own", group, eat(200), ["--own-cgroup"]).judge(137, "oom", True, "64.0 MiB")
    say(not list(group.path.glob("toolkit-*")), "the cgroup of its own is gone", "left behind")


def limit_above():
    outer = Group("outer", memory_max=64 * MIB)
    (outer.path / "cgroup.subtree_control").write_text("+memory")
    Job("limit of a group above", Group("outer/inner"), eat(200)).judge(137, "oom", True, "64.0 MiB")


def whole_group():
    """As kubelet sets it since 1.28: `run` dies with its child, and the record must tell."""
    group = Group("whole", memory_max=64 * MIB, **{"memory_oom.group": 1})
    job = Job("whole group", group, eat(200))
    ended, record = job.process.wait(timeout=60), job.record()
    say(ended == -signal.SIGKILL and record["state"] == "running" and not job.is_locked(),
        "a whole group out of memory leaves a record that reads as lost", f"{ended} {record}")
    counted = group.events()
    say(record["oom_kills_before"] < counted["oom_kill"] and pathlib.Path(record["cgroup"]) == group.path,
        "its counter tells why", f"{record} {counted}")


def worker():
    child = ["/usr/bin/python3", "-c", WORKER]
    Job("worker out of memory", Group("worker", memory_max=64 * MIB), child).judge(
        5, "exited", False, "exited with code 5", "killed 1 other process")


def from_outside():
    job = Job("SIGKILL from outside", Group("outside", memory_max=64 * MIB), ["sleep", "60"])
    end = time.monotonic() + 20
    while not (job.folder / "job/job.json").exists() or job.record()["state"] != "running":
        assert time.monotonic() < end
        time.sleep(0.05)
    os.kill(job.record()["pid"], signal.SIGKILL)
    job.judge(137, "signal", False, "not by the OOM killer")


def machine_full():
    """No limit at all: the whole machine is out of memory, and the counter of the victim's group rises."""
    pathlib.Path("/proc/sys/vm/overcommit_memory").write_text("1")  # malloc of more than there is succeeds
    Job("machine out of memory", Group("machine"), eat(400)).judge(137, "oom", True, "out of memory")


def cannot_be_seen():
    """The root group has no counters: nothing is guessed."""
    Job("no counters", None, ["sh", "-c", "kill -9 $$"]).judge(137, "signal", False, "cannot be seen")


def main():
    for kind, point in (("proc", "/proc"), ("sysfs", "/sys"), ("cgroup2", CGROUP)):
        mount(kind, point)
    (CGROUP / "cgroup.subtree_control").write_text("+memory")
    for case in (with_a_limit, in_its_own_group, limit_above, whole_group, worker, from_outside, cannot_be_seen, machine_full):
        case()
    with open(FOLDER / "results", "a", encoding="utf-8") as results:
        results.write("done\n")


try:
    main()
except BaseException:  # the kernel panics when its first process ends
    (FOLDER / "results").open("a").write("WRONG " + traceback.format_exc())
finally:
    power_off()
