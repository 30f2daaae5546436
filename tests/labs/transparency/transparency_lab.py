#!/usr/bin/env python3
"""Statement: a program under `toolkit run` inherits exactly what it would inherit from a bare exec.

Random parent states (signals ignored and blocked, descriptors, directory, umask, priority, limits, odd
environments, OOM score …); in each, the fixture's `print-status` runs bare and under `run`, and what the
two print is compared line by line. Documented differences: the process group; with --log also the
descriptors 1 and 2.

    transparency_lab.py TOOLKIT FIXTURE [COUNT [SEED]]      COUNT is 100; 500 with FULL=1
"""
import os
import select
import shutil
import signal
import sys
import tempfile
import time

import raw
import states

LIMIT = 20  # seconds for one of the programs


def read_or_kill(fd, pid):
    """Everything until the end of the pipe; a program that takes too long is ended."""
    out, end = b"", time.monotonic() + LIMIT
    while select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
        piece = os.read(fd, 1 << 16)
        if not piece:
            os.close(fd)
            return out
        out += piece
    os.kill(pid, signal.SIGKILL)
    os.close(fd)
    return out + b"it hangs\n"


def run(argv, state):
    """The output of argv in that state."""
    reading, writing = os.pipe()
    errors = os.memfd_create("errors")
    pid = os.fork()
    if pid == 0:
        try:
            os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
            os.dup2(writing, 1)
            os.dup2(errors, 2)
            states.apply(state)
            raw.execve(argv[0], argv, state.environment)
        except BaseException as error:  # the test's own mistake: say it where it is seen
            os.write(1, f"the lab itself: {error!r}\n".encode())
        finally:
            os._exit(120)
    os.close(writing)
    out = read_or_kill(reading, pid)
    os.waitpid(pid, 0)
    words = os.pread(errors, 4096, 0)
    os.close(errors)
    return out.split(b"\n"), words


def without(lines, prefixes):
    return [line for line in lines if not line.startswith(prefixes)]


def compare(bare, wrapped, prefixes):
    left, right = without(bare, prefixes), without(wrapped, prefixes)
    if left == right and len(left) > 40:
        return []
    gone = [b"  bare only:  " + line[:200] for line in left if line not in right]
    new = [b"  under run:  " + line[:200] for line in right if line not in left]
    return gone + new or [b"  order or count differs"]


def public_copies(toolkit, fixture, folder):
    """Where every user may run them."""
    os.chmod(folder, 0o755)
    copies = []
    for program in (toolkit, fixture):
        copies.append(os.path.join(folder, os.path.basename(program)))
        shutil.copy(program, copies[-1])
        os.chmod(copies[-1], 0o755)
    return copies


def make_folders(folder):
    folders = [os.path.join(folder, "plain"), os.path.join(folder, "w i t h\nodd ünames", *["deep"] * 40)]
    for path in folders:
        os.makedirs(path)
        os.chmod(path, 0o777)
    return folders + ["/", "/proc"]


def check(seed, toolkit, fixture, pool, folders, log):
    pick = states.source(seed)
    state = states.draw(pick, pool, [path for path in folders if path != "/proc"])
    bare, _ = run([fixture, "print-status"], state)
    options = ["--log", log] if log else []
    wrapped, words = run([toolkit, "run", "-q", *options, "--", fixture, "print-status"], state)
    prefixes = (b"pgid ", b"fd 1 ", b"fd 2 ") if log else (b"pgid ",)
    wrong = compare(bare, wrapped, prefixes)
    if wrong:
        print(f"seed {seed}{' with --log' if log else ''}: {state!r:.1500}")
        sys.stdout.write(b"\n".join(wrong).decode(errors="replace") + "\n" + words.decode(errors="replace"))
    return not wrong


def main():
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 500 if os.environ.get("FULL") else 100
    first = int(sys.argv[4]) if len(sys.argv) > 4 else int(time.time())
    folder = tempfile.mkdtemp(prefix="transparency-")
    try:
        toolkit, fixture = public_copies(sys.argv[1], sys.argv[2], folder)
        folders, pool = make_folders(folder), states.make_pool(folder)
        logs = os.path.join(folder, "logs")
        os.mkdir(logs)
        os.chmod(logs, 0o777)
        plain = sum(check(seed, toolkit, fixture, pool, folders, "") for seed in range(first, first + count))
        logged_count = max(1, count // 5)
        logged = sum(check(seed, toolkit, fixture, pool, folders, f"{logs}/{seed}.log")
                     for seed in range(first, first + logged_count))
    finally:
        shutil.rmtree(folder)
    print(f"{plain} of {count} random states are handed on as by a bare exec; with --log {logged} of {logged_count}; first seed {first}")
    return 0 if plain == count and logged == logged_count else 1


if __name__ == "__main__":
    sys.exit(main())
