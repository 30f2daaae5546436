"""What the table of deaths stands on: one folder, one process and one set of files for each row."""
import dataclasses
import json
import os
import signal
import subprocess
import time

LIMIT = 60  # seconds for one row on a machine that is busy with other things


class Cannot(Exception):
    """This row cannot be tried here, and why."""


@dataclasses.dataclass
class Row:
    """One death: what is run, what is done to it, and what must be said of it."""
    what: str
    child: object              # an argv, or a function of the run that makes one
    code: int
    word: str                  # must be in the one line on stderr
    options: tuple = ()
    reason: str = "exited"
    signal: object = None
    oom: bool = False
    core: bool = False         # whether a core may be written; the flag is to be as in a bare run
    act: object = None         # what is done to the run, once the child has printed something
    check: object = None       # what else must be true; returns what is wrong, or nothing
    events: str = "started main_ended exited"
    before: object = ""        # shell code that runs in the process that will be toolkit, or a function
    redirect: str = ""
    status: object = None      # the wait status of `run` in Popen's terms, where it is not the code


class Run:
    """A row while it runs: `toolkit run` with a record, events and both notes."""

    def __init__(self, toolkit, fixture, folder, row):
        self.fixture, self.folder, self.row, self.groups = fixture, folder, row, []
        os.makedirs(folder)
        child = row.child(self) if callable(row.child) else row.child
        options = [option.replace("{}", folder) for option in row.options]
        self.argv = [toolkit, "run", "--name", "death", "--state-dir", folder, "--events", self.path("events"),
                     "--termination-log", self.path("message"), "--failure-file", self.path("failure"),
                     *options, "--", *child]

    def path(self, name):
        return os.path.join(self.folder, name)

    def text(self, name):
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def record(self):
        return json.loads(self.text("death/job.json") or "{}")

    def wait_until(self, what, condition):
        end = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"no {what} after {LIMIT} s")
            time.sleep(0.01)

    def child_pid(self):
        return self.record()["pid"]

    def go(self):
        """Returns the wait status as Popen tells it."""
        row = self.row
        before = row.before(self) if callable(row.before) else row.before
        script = f"ulimit -c {'unlimited' if row.core else 0}; {before}\nexec \"$@\" {row.redirect}"
        self.started = time.monotonic()
        with open(self.path("out"), "wb") as out, open(self.path("err"), "wb") as err:
            self.process = subprocess.Popen(["/bin/sh", "-c", script, "sh", *self.argv], cwd=self.folder, stdout=out,
                                            stderr=err, stdin=subprocess.DEVNULL, env=environment())
        try:
            if row.act:
                self.wait_until("sign of the child", lambda: self.text("out"))
                row.act(self)
            return self.process.wait(LIMIT)
        finally:
            self.process.kill()
            self.seconds = time.monotonic() - self.started

    def group(self, limit):
        """A memory cgroup (v1) of this row, below the one that we are in."""
        group = os.path.join(own_group(), f"deaths-{os.getpid()}-{os.path.basename(self.folder)}-{len(self.groups)}")
        try:
            os.mkdir(group)
            self.groups.append(group)
            with open(os.path.join(group, "memory.limit_in_bytes"), "w", encoding="ascii") as file:
                file.write(str(limit))
        except OSError as error:
            raise Cannot(f"cannot make a memory cgroup: {error}") from error
        return group

    def clean(self):
        for group in reversed(self.groups):
            with open(os.path.join(group, "cgroup.procs"), encoding="ascii") as file:
                for pid in file.read().split():
                    os.kill(int(pid), signal.SIGKILL)
            self.wait_until("empty group", lambda group=group: removed(group))


def removed(group):
    try:
        os.rmdir(group)
    except OSError:
        return False
    return True


def own_group():
    with open("/proc/self/cgroup", encoding="ascii") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            if "memory" in controllers.split(","):
                return "/sys/fs/cgroup/memory" + path
    raise Cannot("no cgroup v1 hierarchy with the memory controller")


def environment():
    """Ours, without what would tell `run` something."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")}
    return {**kept, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


def bare_core(child, allowed):
    """Whether the kernel itself reports a core for this death."""
    script = f"ulimit -c {'unlimited' if allowed else 0}; exec \"$@\""
    process = subprocess.Popen(["/bin/sh", "-c", script, "sh", *child], cwd="/tmp", stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    return os.WCOREDUMP(os.waitpid(process.pid, 0)[1])
