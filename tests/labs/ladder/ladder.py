#!/usr/bin/env python3
"""The rungs by which `toolkit wait pid:` learns how a process ended, on the kernel that runs this. As root.

    ladder.py TOOLKIT SEED TRIALS

The oracle is what each process was asked to do. Prints one line a case; exits 0 when all are right.
"""
import ctypes
import os
import pathlib
import random
import select
import signal
import struct
import subprocess
import sys
import threading
import time

NOBODY = 65534
UNKNOWN = 3
SYSCALL_EXIT, SYSCALL_PIDFD_OPEN = 60 if os.uname().machine == "x86_64" else 93, 434
GET_INFO, INFO_EXIT = 0xC040FF0B, 1 << 3  # include/uapi/linux/pidfd.h, the form of 64 bytes
LIBC = ctypes.CDLL(None, use_errno=True)


def kernel_tells_codes():
    """Asked of the kernel itself: PIDFD_INFO_EXIT of a child that was reaped (Linux 6.15)."""
    child = os.fork()
    if child == 0:
        os._exit(7)
    pidfd = LIBC.syscall(SYSCALL_PIDFD_OPEN, child, 0)
    os.waitpid(child, 0)
    info = ctypes.create_string_buffer(struct.pack("<Q", INFO_EXIT), 64)
    failed = LIBC.ioctl(pidfd, ctypes.c_ulong(GET_INFO), info)
    os.close(pidfd)
    return failed == 0 and bool(struct.unpack_from("<Q", info)[0] & INFO_EXIT)


class Target:
    """A process that ends as asked when let go, and is reaped when asked."""

    def __init__(self, end, uid=0):
        self.ours, theirs = os.pipe()[::-1]
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.ours)
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os.read(theirs, 1)
            end()
            os._exit(99)
        os.close(theirs)

    def stat(self):
        return pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()

    def start_ticks(self):
        return int(self.stat()[19])

    def let_go(self):
        os.close(self.ours)

    def become_zombie(self):
        self.let_go()
        pidfd = LIBC.syscall(SYSCALL_PIDFD_OPEN, self.pid, 0)
        while not is_readable(pidfd):  # all its threads have ended
            time.sleep(0.005)
        os.close(pidfd)

    def reap(self):
        os.waitpid(self.pid, 0)


def is_readable(fd):
    return bool(select.select([fd], [], [], 0)[0])


def exits(code):
    return lambda: os._exit(code)


def executes(code):
    """Who has changed its user and executed nothing since is hidden from that user, in ptrace(2)'s rules."""
    return lambda: os.execv("/bin/sh", ["sh", "-c", f"exit {code}"])


def dies(number):
    def end():
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
        os.kill(os.getpid(), number)
        time.sleep(5)
    return end


def first_thread_leaves(code):
    def end():
        threading.Thread(target=lambda: (time.sleep(0.1), os._exit(code))).start()
        LIBC.syscall(SYSCALL_EXIT, 0)  # this thread alone
    return end


class Waiter:
    def __init__(self, toolkit, condition, uid=0):
        self.process = subprocess.Popen([toolkit, "wait", "--timeout", "30s", condition], user=uid, group=uid,
                                        extra_groups=[], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < end and not self.is_waiting():
            time.sleep(0.005)

    def is_waiting(self):
        """Asleep with a pidfd: it has the process, and has asked all it wants to know of it."""
        folder = pathlib.Path(f"/proc/{self.process.pid}")
        try:
            return (any("pidfd" in os.readlink(entry) for entry in (folder / "fd").iterdir())
                    and (folder / "stat").read_text().rpartition(")")[2].split()[0] == "S")
        except OSError:
            return False

    def result(self):
        words = self.process.communicate(timeout=40)[1]
        return self.process.returncode, words


class Ladder:
    def __init__(self, toolkit, seed, trials):
        self.toolkit, self.trials, self.random = toolkit, trials, random.Random(seed)
        self.told = kernel_tells_codes()
        self.wrong = 0

    def judge(self, case, got, wanted):
        if got not in wanted:
            self.wrong += 1
            print(f"WRONG  {case}: {got}, should be one of {sorted(wanted)}", flush=True)

    def wait_for(self, target, uid=0, suffix=""):
        return Waiter(self.toolkit, f"pid:{target.pid}{suffix}", uid)

    def zombies_that_may_be_read(self):
        for code in (0, 9, 255):
            for owner, reader in ((0, 0), (NOBODY, NOBODY), (NOBODY, 0)):
                target = Target(executes(code), owner)
                target.become_zombie()
                got, _ = self.wait_for(target, reader).result()
                self.judge(f"zombie of {owner} read by {reader}", got, {code})
                target.reap()

    def zombies_that_may_not_be_read(self):
        for code in (0, 9):
            target = Target(exits(code))
            target.become_zombie()
            begin = time.monotonic()
            got, words = self.wait_for(target, NOBODY).result()
            self.judge("zombie of root read by nobody", got, {UNKNOWN})
            self.judge("its words", "ended, code unknown" in words, {True})
            self.judge("within seconds", time.monotonic() - begin < 10, {True})
            target.reap()

    def reaped_while_waited_for(self):
        for uid in (0, NOBODY):
            for code in (0, 11):
                target = Target(exits(code))
                waiter = self.wait_for(target, uid)
                target.become_zombie()
                time.sleep(0.3)  # root has read the zombie by now
                target.reap()
                got, _ = waiter.result()
                self.judge(f"reaped after 0.3 s, asked by {uid}", got, {code if self.told or uid == 0 else UNKNOWN})

    def random_ends(self):
        for trial in range(self.trials):
            number = self.random.choice([1, 2, 3, 6, 9, 11, 14, 15, 34, 64])
            code = self.random.randrange(256)
            by_signal = self.random.random() < 0.4
            target = Target(dies(number) if by_signal else exits(code))
            uid = self.random.choice([0, NOBODY])
            waiter = self.wait_for(target, uid)
            target.let_go()
            target.reap()
            code = 128 + number if by_signal else code
            got, _ = waiter.result()
            # Reaped at once: on an older kernel even root is quick enough only now and then.
            self.judge(f"trial {trial}, asked by {uid}", got, {code} if self.told else {code, UNKNOWN} if uid == 0
                       else {UNKNOWN})

    def threads_and_namespaces(self):
        target = Target(first_thread_leaves(37))
        target.become_zombie()
        self.judge("first thread left early", self.wait_for(target).result()[0], {37})
        target.reap()
        if self.told:
            target = Target(first_thread_leaves(38))
            waiter = self.wait_for(target, NOBODY)
            target.let_go()
            target.reap()
            self.judge("first thread left early, asked by nobody", waiter.result()[0], {38})

    def other_names(self):
        target = Target(exits(0))
        got, words = self.wait_for(target, 0, f":{target.start_ticks() + 1}").result()
        self.judge("a wrong start time", (got, "another process now" in words), {(122, True)})
        waiter = self.wait_for(target, 0, f":{target.start_ticks()}")
        target.become_zombie()
        self.judge("the right start time", waiter.result()[0], {0})
        target.reap()
        target = Target(exits(0), NOBODY)  # hidden from its own user
        target.become_zombie()
        self.judge("a zombie that is hidden from its user", self.wait_for(target, NOBODY).result()[0], {UNKNOWN})
        target.reap()
        self.judge("a number that nobody has", Waiter(self.toolkit, "pid:4194304").result()[0], {122})

    def run(self):
        for case in (self.zombies_that_may_be_read, self.zombies_that_may_not_be_read, self.reaped_while_waited_for,
                     self.random_ends, self.threads_and_namespaces, self.other_names):
            before, begin = self.wrong, time.monotonic()
            case()
            print(f"{'WRONG' if self.wrong > before else 'ok':6} {case.__name__} ({time.monotonic() - begin:.1f} s)",
                  flush=True)
        return self.wrong == 0


def main():
    toolkit, seed, trials = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    ladder = Ladder(toolkit, seed, trials)
    print(f"Linux {os.uname().release}, seed {seed}, {trials} trials; "
          f"{'tells' if ladder.told else 'does not tell'} the codes of the reaped", flush=True)
    return 0 if ladder.run() else 1


if __name__ == "__main__":
    sys.exit(main())
