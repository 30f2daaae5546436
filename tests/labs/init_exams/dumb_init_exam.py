"""What dumb-init's own tests look at (Yelp/dumb-init: tests/), told again as behaviours."""
import os
import signal
import tempfile

from candidate import Failed, Init, alive, expect, state, wait_until

BEHAVIOURS = []
GROUP, SINGLE = {"DUMB_INIT_SETSID": "1"}, {"DUMB_INIT_SETSID": "0"}
SUSPENDING = (signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN)
NORMAL = sorted(set(range(1, 32)) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, *SUSPENDING})


def behaviour(words):
    def add(function):
        BEHAVIOURS.append((words, function))
        return function
    return add


def run(exam, *argv, **options):
    return Init(exam, [exam.shim, *argv], **options).finish()


def both_modes(check):
    """A behaviour that holds with and without setsid, with and without debug words."""
    def checked(exam):
        for mode in (GROUP, SINGLE):
            for debug in ("0", "1"):
                check(exam, dict(mode, DUMB_INIT_DEBUG=debug))
    return checked


def catcher(exam, *options, environment=None, **how):
    """The child says each signal that it gets: `signal N …`."""
    init = Init(exam, [exam.shim, *options, exam.fixture, "signals"], environment=environment, **how)
    expect("first line", init.read_line(), "ready")
    return init


def next_signal(init):
    return int(init.read_line().split()[1])


PIPELINE = "yes 'oh, hi' | tail & yes error | tail >&2"


def signalled_pipeline(exam, environment):
    init = Init(exam, [exam.shim, "sh", "-c", PIPELINE], environment=environment)
    wait_until("five processes", lambda: len([pid for pid in init.children() if alive(pid)]) == 5)
    pids = init.children()
    init.signal(signal.SIGTERM)
    return init, pids


@behaviour("with setsid, a signal reaches the whole group")
def whole_group(exam):
    init, pids = signalled_pipeline(exam, GROUP)
    wait_until("the end of all", lambda: not [pid for pid in pids if alive(pid)])
    init.kill()


@behaviour("without setsid, a signal reaches the child alone, and the rest lives on")
def child_alone(exam):
    init, pids = signalled_pipeline(exam, SINGLE)
    wait_until("the end of the init", lambda: not alive(init.pid))
    # A PID namespace ends with its first process: then nothing can live on.
    expect("still alive", len([pid for pid in pids if alive(pid)]), 0 if exam.first else 4)
    for pid in pids:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)
    init.kill()


@behaviour("with setsid, what outlives the child gets SIGTERM")
def term_on_exit(exam):
    with tempfile.TemporaryDirectory() as folder:
        got = os.path.join(folder, "got")
        # The shell stays until the other has its handlers.
        script = f"{exam.fixture} signals >{got} & until grep -q ready {got} 2>/dev/null; do sleep 0.01; done"
        init = Init(exam, [exam.shim, "sh", "-c", script], environment=GROUP)
        wait_until("SIGTERM", lambda: os.path.exists(got) and "signal 15 " in open(got, encoding="ascii").read())
        init.kill()


@behaviour("without setsid, it does not, and is left alone")
def no_term_on_exit(exam):
    if exam.first:
        return "a PID namespace ends with its first process: see below a parent"
    with tempfile.TemporaryDirectory() as folder:
        got = os.path.join(folder, "got")
        script = (f"{exam.fixture} signals >{got} 2>/dev/null & echo $!; "
                  f"until grep -q ready {got} 2>/dev/null; do sleep 0.01; done")
        init = Init(exam, [exam.shim, "sh", "-c", script], environment=SINGLE)
        pid = int(init.read_line())
        expect("exit code", init.finish()[0], 0)
        for number in (1, 2, 3):
            os.kill(pid, number)
            wait_until(f"signal {number}", lambda n=number: f"signal {n} " in open(got, encoding="ascii").read())
        expect("SIGTERM", "signal 15 " in open(got, encoding="ascii").read(), False)
        os.kill(pid, signal.SIGKILL)
    return None


@behaviour("a command that does not exist is named, with a code that is not 0")
@both_modes
def bad_exec(exam, environment):
    for argv in (["/doesnotexist"], ["--", "/doesnotexist"], ["-c", "/doesnotexist"], ["--single-child", "--", "/doesnotexist"]):
        code, _, err = run(exam, *argv, environment=environment)
        expect(str(argv), (code != 0, b"/doesnotexist" in err and b"not found" in err), (True, True))


@behaviour("no arguments: usage and a code that is not 0; unknown option: its name and 1")
@both_modes
def misuse(exam, environment):
    code, _, err = run(exam, environment=environment)
    expect("no arguments", (code != 0, b"Usage: dumb-init [option] program [args]" in err), (True, True))
    code, _, err = run(exam, "--yolo", "/bin/true", environment=environment)
    expect("--yolo", (code, b"unrecognized option" in err), (1, True))


@behaviour("-h, --help, -V and --version answer on stderr with code 0")
@both_modes
def information(exam, environment):
    for flag in ("-h", "--help", "-V", "--version"):
        code, out, err = run(exam, flag, environment=environment)
        expect(flag, (code, out, len(err) > 5), (0, b"", True))


@behaviour("-v explains itself on stderr; the child's output stays clean")
def verbose(exam):
    for argv in (["-v"], ["--verbose"], ["-v", "-c"], ["--verbose", "--single-child"]):
        code, out, err = run(exam, *argv, "echo", "oh,", "hi")
        expect(str(argv), (code, out), (0, b"oh, hi\n"))
        for words in (b"started echo as pid ", b"exited with code 0"):
            if words not in err:
                raise Failed(f"{argv}: no {words!r} in {err!r}")


@behaviour("malformed rewrites are refused with 1, and nothing is run")
@both_modes
def rewrite_errors(exam, environment):
    for argv in (["-r"], ["-r", ""], ["-r", "herp"], ["-r", "herp:derp"], ["-r", "15"], ["-r", "15::12"],
                 ["-r", "15:derp"], ["-r", "15:12", "-r"], ["-r", "15:12", "-r", "0"], ["-r", "15:12", "-r", "1:32"]):
        code, out, err = run(exam, *argv, "echo", "oh,", "hi", environment=environment)
        expect(str(argv), (code, out, b"-r option takes" in err), (1, b"", True))


@behaviour("the child starts in our directory, and the supervisor does not stay there")
@both_modes
def working_directories(exam, environment):
    script = "i=0; while [ \"$(readlink /proc/$PPID/cwd)\" != / ] && [ $i -lt 200 ]; do sleep 0.01; i=$((i+1)); done; " \
             "readlink /proc/$PPID/cwd && readlink /proc/$$/cwd"
    code, out, _ = run(exam, "sh", "-c", script, environment=environment, cwd="/tmp")
    expect("directories", (code, out), (0, b"/\n/tmp\n"))


@behaviour("exit codes are passed on; death by signal N is 128+N")
@both_modes
def exit_status(exam, environment):
    for code in (0, 1, 2, 32, 64, 127, 254, 255):
        expect(f"exit {code}", run(exam, "sh", "-c", f"exit {code}", environment=environment)[0], code)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL):
        expect(f"signal {number}", run(exam, exam.fixture, "die", str(int(number)), environment=environment)[0], 128 + number)


@behaviour("every ordinary signal reaches the child")
@both_modes
def proxies(exam, environment):
    init = catcher(exam, environment=environment)
    for number in NORMAL:
        init.signal(number)
        expect("signal", next_signal(init), number)
    init.kill()


@behaviour("signals are rewritten: one, several at once, the lowest and the highest")
@both_modes
def rewrites(exam, environment):
    term, quit_, cont, interrupt = signal.SIGTERM, signal.SIGQUIT, signal.SIGCONT, signal.SIGINT
    for table, sent, wanted in (
            ({}, [term, quit_, cont, interrupt], [term, quit_, cont, interrupt]),
            ({term: interrupt}, [term, quit_, cont], [interrupt, quit_, cont]),
            ({term: interrupt, interrupt: term, quit_: quit_}, [term, quit_, cont, interrupt], [interrupt, quit_, cont, term]),
            ({1: 31, 31: 1}, [1, 31], [31, 1])):
        options = [word for pair in table.items() for word in ("-r", f"{int(pair[0])}:{int(pair[1])}")]
        init = catcher(exam, *options, environment=environment)
        for number, arrives in zip(sent, wanted):
            init.signal(number)
            expect(f"{table}: {number}", next_signal(init), arrives)
        init.kill()


@behaviour("a signal rewritten to 0 is swallowed")
@both_modes
def swallowed(exam, environment):
    init = catcher(exam, "-r", "15:3", "-r", "2:0", "-r", "28:0", environment=environment)
    init.signal(signal.SIGTERM)
    init.signal(signal.SIGINT)
    expect("first", next_signal(init), signal.SIGQUIT)
    init.signal(signal.SIGWINCH)
    init.signal(signal.SIGHUP)
    expect("second", next_signal(init), signal.SIGHUP)
    init.kill()


def wait_for_state(init, pid, wanted):
    wait_until(f"{pid} in state {wanted}", lambda: (state(pid) in "RS") == (wanted == "awake"))


@behaviour("as a shell's job, TSTP, TTOU and TTIN suspend both, and CONT wakes both")
def background(exam):
    if exam.first:
        return "a PID 1 cannot be stopped (kill(2)): see below a parent"
    for number in SUSPENDING:
        # A program that does not catch them, on a terminal: job control is about terminals.
        init = Init(exam, [exam.shim, exam.fixture, "sleep-print", "20"], environment=GROUP, terminal=True, job=True)
        init.read_line()
        child = init.children()[0]
        init.signal(number)
        wait_for_state(init, init.pid, "stopped")
        wait_for_state(init, child, "stopped")
        init.signal(signal.SIGCONT)
        wait_for_state(init, init.pid, "awake")
        wait_for_state(init, child, "awake")
        init.kill()
        os.close(init.master)
    return None


@behaviour("as a shell's job, a child that catches them gets them, and we are suspended all the same")
def background_single(exam):
    if exam.first:
        return "a PID 1 cannot be stopped (kill(2)): see below a parent"
    init = catcher(exam, environment=SINGLE, terminal=True, job=True)
    for number in SUSPENDING:
        init.signal(number)
        expect("signal", next_signal(init), number)
        wait_for_state(init, init.pid, "stopped")
        init.signal(signal.SIGCONT)
        expect("after it", next_signal(init), signal.SIGCONT)
        wait_for_state(init, init.pid, "awake")
    init.kill()
    return None


@behaviour("as a shell's job, they can be rewritten, and still suspend us")
def background_rewritten(exam):
    if exam.first:
        return "a PID 1 cannot be stopped (kill(2)): see below a parent"
    init = catcher(exam, "-r", "21:15", "-r", "22:2", "-r", "20:1", environment=GROUP, terminal=True, job=True)
    for number, arrives in ((signal.SIGTTIN, signal.SIGTERM), (signal.SIGTTOU, signal.SIGINT), (signal.SIGTSTP, signal.SIGHUP)):
        init.signal(number)
        expect("signal", next_signal(init), arrives)
        wait_for_state(init, init.pid, "stopped")
        init.signal(signal.SIGCONT)
        expect("after it", next_signal(init), signal.SIGCONT)
        wait_for_state(init, init.pid, "awake")
    init.kill()
    return None


@behaviour("no zombie is left of grandchildren that nobody waited for")
def zombies(exam):
    script = "bash -c \"bash -c 'echo i am a zombie' &\" & sleep 0.7"
    init = Init(exam, [exam.shim, "sh", "-c", script])
    expect("its words", init.read_line(), "i am a zombie")
    wait_until("reaping", lambda: not [pid for pid in init.children() if state(pid) == "Z"], 0.6)
    expect("exit code", init.finish()[0], 0)


@behaviour("on a terminal: the child can read and write")
def terminal(exam):
    init = Init(exam, [exam.shim, "tac"], terminal=True)
    init.quiet_terminal()
    init.type(b"1\n2\n3\n")
    init.type(b"\x04\x04")
    expect("output", init.read_all().replace(b"\r", b""), b"3\n2\n1\n")
    expect("exit code", init.finish()[0], 0)


@behaviour("on a terminal: a shell below has job control")
@both_modes
def job_control(exam, environment):
    init = Init(exam, [exam.shim, "bash", "-m"], environment=environment, terminal=True)
    init.quiet_terminal()
    init.type(b'echo "flags are: [[$-]]"\nexit 0\n')
    out = init.read_all().decode(errors="replace")
    expect("exit code", init.finish()[0], 0)
    flags = out.rpartition("flags are: [[")[2].partition("]]")[0]
    expect("m in " + flags, "m" in flags, True)


@behaviour("on a terminal: the hand-over sends the child no HUP or CONT, a later HUP reaches it")
def hand_over(exam):
    init = catcher(exam, terminal=True)
    init.signal(signal.SIGHUP)
    expect("first signal", next_signal(init), signal.SIGHUP)
    init.signal(signal.SIGUSR1)
    expect("second signal", next_signal(init), signal.SIGUSR1)
    init.kill()
