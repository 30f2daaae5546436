"""The table, second half: deaths that were asked for, and those that only look like one."""
import os
import signal
import subprocess
import time

from deaths import FAR, READY, python, sh, to_child, to_run
from ground import Cannot, Row

STOPPED = "started stopping main_ended exited"
KILLED = "started stopping killing main_ended exited"


def signals():
    cancelled = {"reason": "cancelled", "events": STOPPED}
    return [
        Row("KILL from outside", sh(READY + FAR), 137, "by somebody else", act=to_child(9), reason="signal", signal=9),
        Row("TERM to the child alone", sh(READY + FAR), 143, "SIGTERM", act=to_child(15), reason="signal", signal=15),
        Row("TERM to run, obeyed", sh(READY + FAR), 143, "stopped by SIGTERM", act=to_run(15), signal=15, **cancelled),
        Row("TERM to run, answered with 0", sh("trap 'exit 0' TERM; " + READY + FAR), 0, "stopped by SIGTERM",
            act=to_run(15), **cancelled),
        Row("TERM to run, ignored", sh("trap '' TERM; " + READY + FAR), 137, "after the grace", ("--grace", "300ms"),
            act=to_run(15), reason="cancelled", signal=9, events=KILLED),
        Row("INT to run", sh(READY + FAR), 130, "stopped by SIGINT", act=to_run(2), signal=2, **cancelled),
        Row("HUP to run", sh(READY + FAR), 129, "SIGHUP", act=to_run(1), reason="signal", signal=1),
    ]


def prints(word):
    return lambda run: [] if word in run.text("out") else [f"the child did not print {word!r}"]


def keep_touching(run):
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        os.utime(run.path("beat"))
        time.sleep(0.05)


def with_heart(run):
    with open(run.path("beat"), "wb"):
        return sh(READY + "exec sleep 2.5")


def limits():
    idle = {"reason": "idle_timeout", "events": "started idle stopping main_ended exited"}
    busy = "import time\nend = time.monotonic() + 3.5\nwhile time.monotonic() < end: pass"
    return [
        Row("--timeout, obeyed", ["sleep", "99"], 124, "timed out", ("--timeout", "300ms"), reason="timeout", signal=15,
            events=STOPPED),
        Row("--timeout, ignored", sh("trap '' TERM; " + FAR), 124, "timed out", ("--timeout", "500ms", "--grace", "300ms"),
            reason="timeout", signal=9, events=KILLED),
        Row("--notify before --timeout", sh("trap 'echo seen; exit 9' USR1; " + FAR), 9, "exited with code 9",
            ("--timeout", "90s", "--notify", "USR1@88s"), check=prints("seen")),
        Row("--idle-timeout, asleep", ["sleep", "99"], 124, "idle", ("--idle-timeout", "1s"), signal=15, **idle),
        Row("--idle-timeout, quiet but busy", python(busy), 0, "exited with code 0", ("--idle-timeout", "2s")),
        Row("--heartbeat, quiet and asleep", with_heart, 0, "exited with code 0",
            ("--idle-timeout", "1s", "--heartbeat", "{}/beat"), act=keep_touching),
    ]


def file(name, content, mode):
    def make(run):
        with open(run.path(name), "wb") as made:
            made.write(content)
        os.chmod(run.path(name), mode)
        return [run.path(name)]
    return make


def foreign(run):
    """This machine's fixture, marked for SPARC: e_machine, elf(5), the half word at 18."""
    with open(run.fixture, "rb") as program:
        image = bytearray(program.read())
    image[18:20] = b"\2\0" if image[5] == 1 else b"\0\2"
    return file("sparc", image, 0o755)(run)


def refusals():
    failed = {"reason": "exec_failed", "events": "failed"}
    return [
        Row("missing", ["/none/train"], 127, "/none/train", **failed),
        Row("not executable", file("plain", b"#!/bin/sh\n", 0o644), 126, "plain", **failed),
        Row("a directory", ["/etc"], 126, "/etc", **failed),
        Row("bad interpreter", file("script", b"#!/none/python\n", 0o755), 127, "/none/python", **failed),
        Row("wrong architecture", foreign, 126, "sparc", **failed),
    ]


def on_tiny_disk(run):
    os.mkdir(run.path("disk"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", run.path("disk")], check=False,
                             stderr=subprocess.PIPE)
    if mounted.returncode != 0:
        raise Cannot("cannot mount a small tmpfs")
    return ""


def dropped(run):
    subprocess.run(["umount", "-l", run.path("disk")], check=True)
    wrong = [] if len(run.text("out")) == 500_000 * 2 else [f"{len(run.text('out'))} bytes on the console"]
    return wrong + ([] if run.record().get("log_dropped_bytes", 0) > 0 else ["log_dropped_bytes says nothing"])


def orphan(run):
    """The shell that started `run` goes; its status is then the record's to tell."""
    run.process.send_signal(signal.SIGKILL)
    run.wait_until("end of run", lambda: "\"exited\"" in run.text("events") and "wall" in run.text("err"))


def still_open(run):
    holder = int(run.text("holder"))
    os.kill(holder, signal.SIGKILL)
    slow = [f"{run.seconds:.1f} s for a drain of 0.3"] if run.seconds > 5 else []
    return slow + ([] if run.record()["output_open"] else ["output_open is false"])


def holder_is_gone(run):
    return ["the grandchild lives"] if os.path.exists(f"/proc/{int(run.text('holder'))}") else []


def places():
    holding = sh("setsid sh -c 'echo $$ > holder; exec sleep 99' & while [ ! -s holder ]; do sleep 0.02; done; exit 4")
    flood = python("import sys\nfor _ in range(500): print('x' * 1999)\nsys.exit(7)")
    late = sh("(sleep 0.5; echo late) & exit 6")
    return [
        Row("disk of the log full", flood, 7, "not logged", ("--log", "{}/disk/log"), before=on_tiny_disk, check=dropped),
        Row("stdout closed", flood, 7, "exited with code 7", redirect=">&-"),
        Row("--die-with-parent", sh(READY + FAR), 143, "parent died", ("--die-with-parent",), act=orphan,
            before="\"$@\" & wait; exit", status=-9, reason="cancelled", signal=15, events=STOPPED),
        Row("--die-like-child", sh("kill -SEGV $$"), 139, "SIGSEGV", ("--die-like-child",), status=-11, reason="signal",
            signal=11),
        Row("grandchild holds the pipe, left alone", holding, 4, "still held open",
            ("--drain", "300ms", "--leftover", "leave"), check=still_open),
        Row("grandchild holds the pipe, killed", holding, 4, "exited with code 4", ("--drain", "300ms"),
            check=holder_is_gone, events="started main_ended killing exited"),
        Row("worker outlives main", late, 6, "exited with code 6", ("--drain", "20s"), check=prints("late")),
    ]
