"""What the drivers here share: being a subreaper, so that nobody who is left behind gets lost."""

import ctypes
import os
import signal
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def become_subreaper():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children_of(pid):
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def describe(pid):
    """Name and state: `sleep S`."""
    try:
        name, rest = Path(f"/proc/{pid}/stat").read_text().split("(", 1)[1].rsplit(") ", 1)
        return f"{name} {rest[0]}"
    except (OSError, IndexError):
        return "?"


def end_everybody():
    """Kills and reaps all who are below us; says who that was."""
    left = []
    while below := children_of(os.getpid()):
        for pid in below:
            left.append(describe(pid))
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except OSError:
                pass
    return left


def read_text(path):
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
