"""An init under examination: started as PID 1 of a namespace of its own or below us, spoken to, looked at."""
import os
import pty
import select
import signal
import subprocess
import termios
import time

LIMIT = 15  # seconds for anything to happen


class Failed(Exception):
    pass


def expect(what, actual, wanted):
    if actual != wanted:
        raise Failed(f"{what}: is {actual!r}, should be {wanted!r}")


def wait_until(what, predicate, seconds=LIMIT):
    end = time.monotonic() + seconds
    while not predicate():
        if time.monotonic() > end:
            raise Failed(f"{what}: did not happen")
        time.sleep(0.01)


def stat_of(pid):
    """(parent, state, group), or None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[1]), fields[0], int(fields[2])
    except (OSError, IndexError):
        return None


def children_of(pid):
    """Zombies included. proc(5), /proc/PID/task/TID/children: looking at every process takes too long."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                found += [int(word) for word in file.read().split()]
    except OSError:
        pass
    return found


def descendants(root):
    """The eldest first. The lowest number says nothing: numbers start again at the largest of them."""
    found, left = [], [root]
    while left:
        below = children_of(left.pop())
        found += below
        left += below
    return found


def alive(pid):
    stat = stat_of(pid)
    return stat is not None and stat[1] not in "ZX"


def state(pid):
    stat = stat_of(pid)
    return stat[1] if stat else "-"


def be_the_shell_of(argv, variables):
    """Leads a session with the terminal and runs argv as its foreground job, as a shell does."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvpe(argv[0], argv, variables)
    os._exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]) & 0xFF)


class Init:
    """One run. `pid` is the init's number as we see it, in either mode."""

    def __init__(self, exam, argv, environment=None, terminal=False, job=False, **options):
        self.first = exam.first
        front = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"] if exam.first else []
        variables = dict(os.environ, EXAM_TOOLKIT=exam.toolkit, EXAM_LICENSE=exam.license, **(environment or {}))
        variables = {name: value for name, value in variables.items() if not name.startswith("TOOLKIT_")}
        self.master = None
        self.output = b""
        if terminal:
            # As a container engine does it: PID 1 leads the session of its terminal.
            self.start_on_terminal(front + (["setsid", "--ctty"] if exam.first else []) + argv, variables, job)
            self.job = job
        else:
            self.process = subprocess.Popen(front + argv, env=variables, stdin=options.pop("stdin", subprocess.DEVNULL),
                                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **options)
            self.top = self.process.pid
        self.pid = self.find_init()

    job = False

    def start_on_terminal(self, argv, variables, job):
        self.process = None
        self.top, self.master = pty.fork()
        if self.top == 0:
            try:
                if job:
                    be_the_shell_of(argv, variables)
                os.execvpe(argv[0], argv, variables)
            finally:
                os._exit(127)

    def find_init(self):
        if not self.first and not self.job:
            return self.top
        wait_until("the namespace", lambda: descendants(self.top) or self.ended())
        return next(iter(descendants(self.top)), self.top)

    def ended(self):
        return self.process is not None and self.process.poll() is not None

    def children(self):
        return [pid for pid in descendants(self.pid) if pid != self.pid]

    def signal(self, number):
        os.kill(self.pid, number)

    def read_line(self, seconds=LIMIT):
        """The next line on its output."""
        fd = self.master if self.master is not None else self.process.stdout.fileno()
        while b"\n" not in self.output:
            if not select.select([fd], [], [], seconds)[0]:
                raise Failed(f"no line within {seconds} s, only {self.output!r}")
            try:
                piece = os.read(fd, 4096)
            except OSError:
                piece = b""
            if not piece:
                raise Failed(f"the output ended with {self.output!r}")
            self.output += piece
        line, _, self.output = self.output.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r")

    def read_all(self):
        """A terminal's output until its end."""
        while select.select([self.master], [], [], LIMIT)[0]:
            try:
                piece = os.read(self.master, 4096)
            except OSError:
                return self.output
            if not piece:
                return self.output
            self.output += piece
        raise Failed(f"the terminal stays open after {self.output!r}")

    def type(self, keys):
        os.write(self.master, keys)

    def quiet_terminal(self):
        settings = termios.tcgetattr(self.master)
        settings[1] &= ~termios.OPOST
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(self.master, termios.TCSANOW, settings)

    def finish(self, seconds=LIMIT):
        """(exit code, stdout, stderr)"""
        if self.process is None:
            return os.waitstatus_to_exitcode(os.waitpid(self.top, 0)[1]), self.output, b""
        try:
            out, err = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed("it does not end") from None
        return self.process.returncode, self.output + out, err

    def kill(self):
        for pid in [*descendants(self.top), self.top]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.process is not None and self.process.poll() is None:
            self.process.wait()
