"""strace(1): which system calls a scenario makes, and making one of them fail."""

import re
import subprocess
from collections import Counter

# Left out: calls before main or behind its end, where libc has no way to go on or nothing to lose;
# close, because Linux frees the descriptor whatever it returns (close(2)), while an injected fault keeps
# it open; futex, whose users in libc abort on errors that no kernel gives (futex(2)); rt_sigprocmask, which
# fails on a bad pointer only, so that pthread_create "restores" an uninitialised mask.
LEFT_OUT = {"execve", "exit", "exit_group", "arch_prctl", "set_tid_address", "set_robust_list", "rseq",
            "mprotect", "restart_syscall", "rt_sigprocmask", "rt_sigreturn", "close", "futex", "brk"}

ERRNOS = {"EINTR": "Interrupted system call", "EAGAIN": "Resource temporarily unavailable",
          "ENOSPC": "No space left on device", "EIO": "Input/output error", "EMFILE": "Too many open files",
          "ENOMEM": "Cannot allocate memory", "EPERM": "Operation not permitted"}

# Those that a signal handler or a debugger can interrupt (signal(7)); an EINTR there must not be seen.
INTERRUPTIBLE = {"openat", "read", "write", "fsync", "wait4", "waitid", "poll", "ppoll", "clock_nanosleep",
                 "rt_sigtimedwait", "ioctl"}

CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")


def command(trace, threads, inject=None):
    # Without -f only the supervisor is followed; with it, `-b execve` lets the child go when it becomes
    # its program.
    words = ["strace", "-qq", "-y", "-s", "96", "-o", str(trace)]
    words += ["-f", "-b", "execve"] if threads else []
    if inject:
        kind, error, when = inject
        words += ["-e", f"trace={kind}", "-e", f"inject={kind}:error={error}:when={when}"]
    return [*words, "--"]


def calls(text):
    """How often each kind was called, by the process that called it most."""
    most = Counter()
    by_process = Counter()
    for line in text.splitlines():
        found = CALL.match(line)
        if found and found[1] not in LEFT_OUT:
            process = line.split()[0] if line[:1].isdigit() else ""
            by_process[process, found[1]] += 1
            most[found[1]] = max(most[found[1]], by_process[process, found[1]])
    return most


def injected(text):
    """The calls that failed because we said so, as strace wrote them: in two parts where threads met."""
    begun, found = {}, []
    for line in text.splitlines():
        process = line.split(" ", 1)[0]
        if line.endswith("<unfinished ...>"):
            begun[process] = line
        elif "(INJECTED)" in line:
            found.append(begun.get(process, "") + line if " resumed>" in line else line)
    return found


def version():
    try:
        return subprocess.run(["strace", "-V"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        return None
