"""What tini's own tests look at (krallin/tini: test/run_inner_tests.py, test/run_outer_tests.py,
ci/run_build.sh), told again as behaviours."""
import os
import signal
import subprocess
import sys
import tempfile

from candidate import Failed, Init, alive, descendants, expect, stat_of, wait_until

BEHAVIOURS = []


def behaviour(words):
    def add(function):
        BEHAVIOURS.append((words, function))
        return function
    return add


def run(exam, *argv, **options):
    return Init(exam, [exam.shim, *argv], **options).finish()


@behaviour("-e CODE turns that exit code into 0")
def accepted_codes(exam):
    for code in exam.codes():
        expect(f"-e {code}", run(exam, "-e", str(code), "--", "sh", "-c", f"exit {code}")[0], 0)


@behaviour("-e of all other codes leaves a code alone")
def other_codes(exam):
    for code in exam.codes():
        others = [word for other in range(256) if other != code for word in ("-e", str(other))]
        expect(f"all but {code}", run(exam, *others, "--", "sh", "-c", f"exit {code}")[0], code)


def reap(exam, *options, environment=None):
    """A hundred orphans come and go; in the end only the main process is there, and no zombie."""
    script = "(i=0; while [ $i -lt 100 ]; do sleep 2.$((i % 10)) & i=$((i+1)); done); exec sleep 50"
    init = Init(exam, [exam.shim, *options, "--", "sh", "-c", script], environment=environment)
    wait_until("a hundred orphans", lambda: len(init.children()) == 101)
    main = init.children()[0]
    group = stat_of(main)[2]
    for pid in init.children():
        stat = stat_of(pid)
        if stat and stat[1] != "Z":
            expect("group of an orphan", stat[2], group)
    wait_until("reaping", lambda: init.children() == [main])
    init.signal(signal.SIGTERM)
    return init.finish()


@behaviour("orphans are reaped, with -s")
def reaps_with_option(exam):
    expect("exit code", reap(exam, "-s")[0], 143)


@behaviour("orphans are reaped, with TINI_SUBREAPER")
def reaps_with_variable(exam):
    expect("exit code", reap(exam, environment={"TINI_SUBREAPER": ""})[0], 143)


@behaviour("orphans are reaped even without being told, so there is nothing to warn of")
def reaps_always(exam):
    code, _, err = reap(exam)
    expect("exit code", code, 143)
    expect("words of warning", b"WARN" in err or b"reaped" in err, False)


@behaviour("-w says what was reaped, and without it nothing is said")
def says_what_is_reaped(exam):
    err = reap(exam, "-s", "-w")[2]
    if err.count(b"reaped ") < 90:
        raise Failed(f"no words about it: {err[-300:]!r}")


@behaviour("TERM, USR1 and USR2 reach the child, and its death by them is 128+N")
def signals(exam):
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
        # The child's own child is not meant, and must not keep it from ending.
        init = Init(exam, [exam.shim, "--", "sh", "-c", "sleep 100 >/dev/null 2>&1 & exec sleep 101"])
        wait_until("two processes", lambda init=init: len(init.children()) == 2)
        below = init.children()
        init.signal(number)
        expect(f"signal {number}", init.finish()[0], 128 + number)
        for pid in below:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)


def group_signal(exam, *options, environment=None):
    """The main process ignores it, its child does not; the child's death ends both."""
    init = Init(exam, [exam.shim, *options, "--", sys.executable, "-c",
                       "import signal, subprocess; signal.signal(signal.SIGUSR1, signal.SIG_IGN);"
                       "subprocess.run(['sleep', '1000'], restore_signals=True,"
                       "preexec_fn=lambda: signal.signal(signal.SIGUSR1, signal.SIG_DFL))"], environment=environment)
    wait_until("two processes", lambda: any(
        open(f"/proc/{pid}/cmdline", "rb").read() == b"sleep\x001000\x00" for pid in init.children() if alive(pid)))
    init.signal(signal.SIGUSR1)
    expect("exit code", init.finish()[0], 0)


@behaviour("-g signals the whole group")
def group_by_option(exam):
    group_signal(exam, "-g")


@behaviour("TINI_KILL_PROCESS_GROUP signals the whole group")
def group_by_variable(exam):
    group_signal(exam, environment={"TINI_KILL_PROCESS_GROUP": "1"})


@behaviour("ignored and blocked signals are the child's as they were ours")
def signal_configuration(exam):
    def configure():
        for number in (signal.SIGTTOU, signal.SIGSEGV, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTIN, signal.SIGILL, signal.SIGTERM})
    out = run(exam, "cat", "/proc/self/status", preexec_fn=configure)[1].decode()
    masks = {line.split()[0]: int(line.split()[1], 16) for line in out.splitlines() if line.startswith("Sig") and line[3] != "Q"}
    for name, numbers in (("SigIgn:", (signal.SIGTTOU, signal.SIGSEGV, signal.SIGINT)),
                          ("SigBlk:", (signal.SIGTTIN, signal.SIGILL, signal.SIGTERM))):
        for number in numbers:
            expect(f"{name} {number}", masks[name] >> (number - 1) & 1, 1)


@behaviour("-p SIGUSR1: the death of the parent comes to the child as that signal")
def parent_death(exam):
    if exam.first:
        return "the parent of a PID 1 is outside of its namespace: see below a parent"
    with tempfile.TemporaryDirectory() as folder:
        mark = os.path.join(folder, "mark")
        child = f"trap 'echo ok >{mark}; exit' USR1; while :; do sleep 0.02; done"
        parent = subprocess.Popen([sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])",
                                   exam.shim, "-p", "SIGUSR1", "--", "sh", "-c", child],
                                  env=dict(os.environ, EXAM_TOOLKIT=exam.toolkit), stderr=subprocess.DEVNULL)
        wait_until("the child", lambda: len(descendants(parent.pid)) >= 2)
        wait_until("its trap", lambda: any(b"sleep" in open(f"/proc/{pid}/cmdline", "rb").read()
                                           for pid in descendants(parent.pid) if alive(pid)))
        parent.kill()
        parent.wait()
        wait_until("the signal", lambda: os.path.exists(mark) and open(mark, encoding="ascii").read() == "ok\n")
    return None


@behaviour("--version, -h and -l say what they are asked for, with code 0")
def information(exam):
    code, out, _ = run(exam, "--version")
    expect("--version", (code, out.startswith(b"toolkit ")), (0, True))
    code, out, _ = run(exam, "-h")
    expect("-h", (code, b"usage" in out), (0, True))
    code, out, _ = run(exam, "-l")
    expect("-l", (code, out), (0, open(exam.license, "rb").read()))


@behaviour("without a command, and with an unknown option: code 1 and help on stderr")
def misuse(exam):
    for argv in ([], ["-z"]):
        code, _, err = run(exam, *argv)
        expect(str(argv), (code, b"verbose" in err), (1, True))


@behaviour("true and false; with -vvv; with --; a second -- is a command that does not exist")
def plain_runs(exam):
    expect("true", run(exam, "-vvv", "true")[0], 0)
    expect("false", run(exam, "-vvv", "false")[0], 1)
    expect("-- true", run(exam, "-vvv", "--", "true")[0], 0)
    expect("-- -- true", run(exam, "-vvv", "--", "--", "true")[0], 127)


@behaviour("TINI_VERBOSITY=3 makes it talk")
def verbosity(exam):
    err = run(exam, "true", environment={"TINI_VERBOSITY": "3"})[2]
    expect("words", b"DEBUG" in err, True)


@behaviour("127 for a command that does not exist, 126 for one that cannot be executed")
def refused(exam):
    expect("missing", run(exam, "foobar123")[0], 127)
    expect("a directory", run(exam, "/etc")[0], 126)


@behaviour("stdin reaches the child")
def standard_input(exam):
    reading, writing = os.pipe()
    os.write(writing, b"exit 7\n")
    os.close(writing)
    expect("sh", run(exam, "sh", stdin=reading)[0], 7)
    os.close(reading)


@behaviour("on a terminal: a shell can be left with exit")
def leave_a_shell(exam):
    init = Init(exam, [exam.shim, "--", "dash"], environment={"PS1": "# "}, terminal=True)
    wait_until("the prompt", lambda: b"# " in read_available(init))
    init.type(b"exit 0\n")
    init.read_all()
    expect("exit code", init.finish()[0], 0)


@behaviour("on a terminal: Ctrl-C ends a loop with 130")
def interrupt_a_loop(exam):
    init = Init(exam, [exam.shim, "--", "dash", "-c", "while true; do echo '#'; sleep 0.1; done"], terminal=True)
    wait_until("output", lambda: b"#" in read_available(init))
    init.type(b"\x03")
    init.read_all()
    expect("exit code", init.finish()[0], 130)


def read_available(init):
    init.output += os.read(init.master, 4096)
    return init.output
