#!/usr/bin/env python3
"""Statement: a SIGTERM that comes 0 to 5 ms after the start is never swallowed.

Each trial starts `run -- sleep`, waits a random time from the moment of its exec, sends one SIGTERM and
looks at what becomes of it. As PID 1 of a new PID namespace the kernel itself drops a signal that comes
before the program has blocked or handled it: those trials are told apart by the signal mask that
/proc shows just before the signal, and their share is held against tini-static's.

    early_term_lab.py TOOLKIT FIXTURE [TRIALS]        TRIALS is 600; 10000 with FULL=1
"""
import collections
import ctypes
import os
import random
import shutil
import signal
import subprocess
import sys
import time

CLONE_NEWPID, CLONE_NEWNS = 0x20000000, 0x00020000       # sched.h
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 16384, 1 << 18  # sys/mount.h
WINDOW = 0.005     # seconds after exec
PATIENCE = 1.0     # a run that is still there then has swallowed the signal

QUIET = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in range(3)]

libc = ctypes.CDLL(None, use_errno=True)


def run_before_all_others():
    """A busy machine lets a new process wait for its first instruction: that is not what is measured."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        print("no real-time scheduling here: a busy machine will widen the window before the first instruction")


def check(result, what):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def spin_until(moment):
    while time.monotonic() < moment:
        pass


def blocks_everything(pid):
    """Whether the program's first instructions, which block every signal, have run."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        mask = next(line for line in file if line.startswith("SigBlk"))
    # KILL and STOP cannot be blocked.
    return int(mask.split()[1], 16) | 1 << 8 | 1 << 18 == (1 << 64) - 1


def wait(pid):
    """The status, or None when it is still there after PATIENCE."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.0005)
    return None


def trial(argv, delay, seen_as):
    """posix_spawn returns when the new program is there (vfork): the clock starts with its exec."""
    pid = os.posix_spawn(argv[0], argv, {"PATH": "/usr/bin:/bin"}, file_actions=QUIET)
    spin_until(time.monotonic() + delay)
    began = blocks_everything(seen_as or pid)
    os.kill(pid, signal.SIGTERM)
    code = wait(pid)
    if code is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return "swallowed" if began else "swallowed in the kernel's window"
    if code == 128 + signal.SIGTERM:
        return "forwarded"
    if code == -signal.SIGTERM:
        return "died of it" if began else "ended by it before its first instruction"
    return f"ended with {code}"


def as_first_process(argv, delay):
    """The same in a PID namespace of its own, with its own /proc, whose first process is argv's."""
    reading, writing = os.pipe()
    helper = os.fork()
    if helper == 0:
        answer = "the lab itself failed"
        try:
            check(libc.unshare(CLONE_NEWPID | CLONE_NEWNS), "unshare")
            check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount --make-rprivate")
            check(libc.mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None), "mount /proc")
            answer = trial(argv, delay, seen_as=1)
        except OSError as error:
            answer = f"cannot: {error}"
        finally:
            os.write(writing, answer.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    os.waitpid(helper, 0)
    return answer


def series(name, run_one, argv, count, pick):
    counts = collections.Counter(run_one(argv, pick.uniform(0, WINDOW)) for _ in range(count))
    words = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
    print(f"{name}, {count} trials: {words}", flush=True)
    return counts


def lost(counts):
    return sum(number for what, number in counts.items() if what.startswith("swallowed"))


def main():
    toolkit, fixture = sys.argv[1], sys.argv[2]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 10000 if os.environ.get("FULL") else 600
    pick = random.Random(int(os.environ.get("SEED", time.time())))
    child = [fixture, "sleep-print", "30000", "1"]
    ours = [toolkit, "run", "-q", "--grace", "60s", "--", *child]
    tini = shutil.which("tini-static")
    wrong = []
    run_before_all_others()

    below = series("run, below a parent", lambda argv, delay: trial(argv, delay, None), ours, count, pick)
    if below["forwarded"] + below["ended by it before its first instruction"] != count:
        wrong.append("below a parent: a signal was swallowed or misread")

    if os.geteuid() != 0 or subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", "true"],
                                           capture_output=True, check=False).returncode != 0:
        print("no PID namespaces here: the half as PID 1 is left out")
        return 1 if wrong else 77
    first = series("run, as PID 1", as_first_process, ours, count, pick)
    if first["forwarded"] + first["swallowed in the kernel's window"] != count:
        wrong.append("as PID 1: a signal was swallowed after the first instructions, or misread")
    if tini:
        peer = series("tini-static, as PID 1", as_first_process, [tini, "--", *child], count, pick)
        # At most half of it. In a short series chance moves both by some square roots.
        slack = 0 if count >= 10000 else 2 + 3 * lost(peer) ** 0.5
        if lost(first) > lost(peer) / 2 + slack:
            wrong.append(f"as PID 1: {lost(first)} lost, tini-static {lost(peer)}")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
