"""Deaths by what the machine does not give: processor time, memory, disk, processes. None of them is an OOM."""
import os

from deaths import FAR, READY, WORKER, first_line_is, fixture, in_group, python, sh, to_run
from ground import Row


def says(first):
    return {"word": "exited with code 1", "check": first_line_is(first)}


def as_nobody_with_one_process():
    return python("import os, resource\nos.setgid(54321)\nresource.setrlimit(resource.RLIMIT_NPROC, (1, 1))\n"
                  "os.setuid(54321)\nos.fork()\nos.fork()")


def limits_of_the_kernel():
    killed = {"reason": "signal"}
    spin = "exec \"$0\" spin 20"
    rows = [
        Row("processor time, soft limit", lambda run: sh(f"ulimit -S -t 1; {spin}") + [run.fixture], 152, "SIGXCPU",
            signal=24, **killed),
        Row("processor time, hard limit", lambda run: sh(f"ulimit -t 1; {spin}") + [run.fixture], 137,
            "by somebody else, not by the OOM", signal=9, **killed),
        Row("file too large", sh("ulimit -f 1; exec head -c 1000000 /dev/zero >big"), 153, "SIGXFSZ", signal=25, **killed),
        Row("stack too small", sh("ulimit -s 256; f() { f; }; f"), 139, "SIGSEGV", signal=11, **killed),
        Row("address space too small", sh("ulimit -v 200000; exec python3 -SEc 'x = bytearray(1 << 30)'"), 1,
            **says("MemoryError")),
    ]
    if os.geteuid() == 0:
        rows.append(Row("no more processes", as_nobody_with_one_process(), 1,
                        **says("BlockingIOError: [Errno 11] Resource temporarily unavailable")))
    return rows


def last_words():
    return [
        Row("its own disk is full", python("f = open('/dev/full', 'w')\nf.write('x' * 100000)\nf.close()"), 1,
            **says("OSError: [Errno 28] No space left on device")),
        Row("a traceback that has a cause", python("try:\n  1/0\nexcept Exception as e:\n  raise ValueError('last') from e"),
            1, **says("ValueError: last")),
        Row("sys.exit with words", python("import sys; sys.exit('no such dataset')"), 1, **says("no such dataset")),
        Row("SyntaxError, which has no traceback", python("x = = 1"), 1, **says("SyntaxError: invalid syntax")),
    ]


def memory():
    deaf = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\n" + WORKER + "time.sleep(60)"
    return [
        Row("OOM of a worker, then our own escalation", python(deaf), 137, "after the grace", ("--grace", "300ms"),
            before=in_group, act=to_run(15), reason="cancelled", signal=9,
            events="started stopping killing main_ended exited"),
        Row("OOM of a worker, main segfaults", python(WORKER + "os.kill(os.getpid(), 11)"), 139, "other process",
            before=in_group, reason="signal", signal=11),
    ]


def everything_else():
    busy = Row("hang with processor time", fixture("spin", "60"), 124, "timed out",
               ("--idle-timeout", "500ms", "--timeout", "1500ms"), reason="timeout", signal=15,
               events="started stopping main_ended exited")
    alone = Row("TERM that nobody asked for", sh(READY + "kill -TERM $$; " + FAR), 143, "killed by SIGTERM",
                reason="signal", signal=15)
    return limits_of_the_kernel() + last_words() + [busy, alone]
