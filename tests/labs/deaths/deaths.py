"""The table: forty-odd ways to die."""
import os
import signal
import subprocess
import sys

from ground import Cannot, Row

LIMIT = 96 << 20  # the child is larger than its supervisor, a sanitized one too, when that is full
FAR = "while :; do sleep 0.05; done"
READY = "echo ready; "


def sh(code):
    return ["/bin/sh", "-c", code]


def python(code):
    return [sys.executable, "-S", "-c", code]


def fixture(*words):
    return lambda run: [run.fixture, *words]


def to_run(number):
    return lambda run: run.process.send_signal(number)


def to_child(number):
    return lambda run: os.kill(run.child_pid(), number)


def exits():
    return [Row(f"own exit {code}", sh(f"exit {code}"), code, f"exited with code {code}")
            for code in (0, 1, 2, 3, 42, 124, 126, 137, 255)]


def first_line_is(wanted):
    return lambda run: [] if run.text("failure").split("\n")[0] == wanted else [
        f"failure file begins with {run.text('failure')[:60]!r}"]


def users_reason_stays(run):
    return [] if run.text("failure") == "mine\n" else [f"failure file is now {run.text('failure')[:60]!r}"]


def whole_characters(run):
    return [f"half a character in the {name}" for name in ("failure", "message") if "\ufffd" in run.text(name)]


def long_words_are_cut(run):
    first = run.text("failure")
    wrong = [] if first.startswith("ValueError: \u00e4\u00e4") else [f"failure file begins with {first[:60]!r}"]
    return wrong + whole_characters(run)


def tracebacks():
    raising = "def f():\n  raise ValueError('boo')\nf()"
    return [
        Row("Python traceback", python(raising), 1, "exited with code 1", check=first_line_is("ValueError: boo")),
        Row("traceback, then words of atexit", python("import atexit,sys\natexit.register(lambda: print('bye',"
            "file=sys.stderr))\n" + raising), 1, "code 1", check=first_line_is("ValueError: boo")),
        Row("traceback of 5000 characters", python("raise ValueError('\u00e4' * 5000)"), 1, "code 1",
            check=long_words_are_cut),
        Row("last line longer than all that is kept", python("raise ValueError('\u20ac' * 9000)"), 1, "code 1",
            check=whole_characters),
        Row("traceback, reason written by the user", python("open('failure', 'w').write('mine\\n')\n" + raising), 1,
            "code 1", check=users_reason_stays),
    ]


def faults():
    segv = python("import ctypes; ctypes.string_at(0)")
    bus = python("import mmap\nf = open('short', 'w+b'); f.truncate(4096); m = mmap.mmap(f.fileno(), 4096)\n"
                 "f.truncate(0); m[0]")
    rows = [Row("SEGV in C, core", segv, 139, "SIGSEGV", core=True, reason="signal", signal=11),
            Row("SEGV in C, no core", segv, 139, "SIGSEGV", reason="signal", signal=11),
            Row("BUS behind the end of a file", bus, 135, "SIGBUS", reason="signal", signal=7)]
    for number in (signal.SIGABRT, signal.SIGILL, signal.SIGFPE, signal.SIGTRAP):
        rows.append(Row(number.name[3:], fixture("die", str(int(number))), 128 + number, number.name, reason="signal",
                        signal=int(number)))
    return rows


GROW = "b = b''.join(bytes([1]) * 1048576 for _ in range(400))"
# The worker offers itself, so that the kernel does not take main.
WORKER = (f"import os, sys\npid = os.fork()\nif pid == 0:\n  open('/proc/self/oom_score_adj', 'w').write('1000')\n"
          f"  {GROW}\n  os._exit(0)\nstatus = os.waitpid(pid, 0)[1]\nprint('worker', status)\n")


def enter(group):
    return f"echo $$ > {group}/cgroup.procs || exit 99"


def in_group(run):
    return enter(run.group(LIMIT))


def in_scarred_group(run):
    """A group where somebody has been killed for memory before: no news for this job."""
    group = run.group(LIMIT)
    child = subprocess.run(sh(f"{enter(group)}; exec \"$0\" -c \"$1\"") + [sys.executable, GROW], check=False)
    if child.returncode != -9:
        raise Cannot("the kernel kills nobody at a group's limit here")
    return enter(group)


def below_own_group(run):
    """The child moves itself into a group below that of `run`, as batch systems do with their steps."""
    group = run.group(1 << 40)
    run.groups.append(group + "/child")
    os.mkdir(run.groups[-1])
    with open(run.groups[-1] + "/memory.limit_in_bytes", "w", encoding="ascii") as file:
        file.write(str(LIMIT))
    return sh(f"{enter(run.groups[-1])}; exec \"$0\" -c \"$1\"") + [sys.executable, GROW]


def in_the_group(run):
    return enter(run.groups[0])


def memory():
    oom = {"reason": "oom", "signal": 9, "oom": True}
    killed = {"reason": "signal", "signal": 9}
    return [
        Row("cgroup OOM", python(GROW), 137, "out of memory (cgroup limit 96", before=in_group, **oom),
        Row("OOM in a child cgroup", below_own_group, 137, "out of memory", before=in_the_group, **oom),
        Row("OOM of a worker, main exits 5", python(WORKER + "sys.exit(5)"), 5, "other process", before=in_group),
        Row("OOM of a worker, main exits 0", python(WORKER), 0, "other process", before=in_group),
        Row("KILL from outside in a group that had an OOM", sh(READY + FAR), 137, "by somebody else, not by the OOM",
            before=in_scarred_group, act=to_child(9), **killed),
        Row("OOM of a worker, then TERM to run", python(WORKER + "import time; time.sleep(99)"), 143, "stopped by",
            before=in_group, act=to_run(15), reason="cancelled", signal=15, events="started stopping main_ended exited"),
    ]
