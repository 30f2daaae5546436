#!/usr/bin/env python3
"""The binary as ENTRYPOINT of real containers: exit codes, stop, OOM, terminals, and images with nothing
in them. Exits 77 with a reason where containers cannot run, unless TOOLKIT_LABS=required.

    containers_lab.py TOOLKIT FIXTURE WORK_FOLDER [CASE...]
"""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import sys
import time

from podman import Podman

SCRATCH, BUSYBOX = "localhost/toolkit-scratch", "localhost/toolkit-busybox"
FIXTURE = "/toolkit_fixture"
DOCKERFILE = 'FROM scratch\nCOPY . /\nENTRYPOINT ["/toolkit", "run", "--"]\n'

CASES = []


def case(function):
    CASES.append(function)
    return function


class Lab:
    """One case's view: the engine, a folder of its own, and what was wrong."""

    def __init__(self, podman, folder):
        self.podman, self.folder, self.wrong = podman, folder, []

    def expect(self, what, actual, wanted):
        if actual != wanted:
            self.wrong.append(f"{what}: is {actual!r}, should be {wanted!r}")

    def expect_in(self, what, wanted, text):
        if not re.search(wanted, text):
            self.wrong.append(f"{what}: no {wanted!r} in {text[-800:]!r}")

    def wait_for(self, what, probe, seconds=15):
        end = time.monotonic() + seconds
        while not probe():
            if time.monotonic() > end:
                self.wrong.append(f"{what}: did not happen in {seconds} s")
                return False
            time.sleep(0.02)
        return True

    def wait_for_log(self, name, text):
        return self.wait_for(f"{text!r} from {name}", lambda: text in self.podman.logs(name))


@case
def exit_codes_of_an_entrypoint_in_an_empty_image(lab):
    for code in (0, 1, 2, 42, 75, 124, 125, 126, 127, 128, 255):
        lab.expect(f"exit {code}", lab.podman.run(SCRATCH, FIXTURE, "exit", code).returncode, code)
    for number in (1, 2, 6, 9, 11, 15):
        lab.expect(f"signal {number}", lab.podman.run(SCRATCH, FIXTURE, "die", number).returncode, 128 + number)
    result = lab.podman.run(SCRATCH, "/no/such/program")
    lab.expect("a missing program", result.returncode, 127)
    lab.expect_in("a missing program", r"toolkit run: .*/no/such/program", result.stderr)
    result = lab.podman.run(SCRATCH, "/Dockerfile")
    lab.expect("a file without x", result.returncode, 126)
    result = lab.podman.run("--entrypoint", '["/toolkit", "run", "--gracee", "1s", "--"]', SCRATCH, "x")
    lab.expect("a mistyped option", result.returncode, 125)
    lab.expect_in("a mistyped option", "--grace", result.stderr)


@case
def version_and_help_without_any_file_beside_the_binary(lab):
    result = lab.podman.run("--entrypoint", "/toolkit", SCRATCH, "--version")
    lab.expect("--version", (result.returncode, result.stdout.split()[:1]), (0, ["toolkit"]))
    result = lab.podman.run("--entrypoint", "/toolkit", SCRATCH, "run", "--help")
    lab.expect("--help", result.returncode, 0)
    lab.expect_in("--help", "--grace", result.stdout)


@case
def stop_leaves_time_for_a_checkpoint(lab):
    for code in (0, 143):
        name = f"checkpoint-{code}"
        lab.podman.start(name, "-v", f"{lab.folder}:/out", SCRATCH, FIXTURE, "checkpoint", 1500, f"/out/{name}", code)
        if not lab.wait_for_log(name, "ready"):
            continue
        begin = time.monotonic()
        lab.podman.call("stop", "-t", 30, name)
        seconds = time.monotonic() - begin
        lab.expect("the exit code", lab.podman.state(name)["ExitCode"], code)
        lab.expect("the checkpoint is whole", (lab.folder / name).read_text(), "checkpoint\n")
        lab.expect("stopped after saving, not after podman's limit", 1.4 < seconds < 20, True)


@case
def stop_kills_what_does_not_listen_after_the_grace(lab):
    lab.podman.start("deaf", "--entrypoint", '["/toolkit", "run", "--grace", "500ms", "--"]', SCRATCH, FIXTURE,
                     "ignore-term")
    if lab.wait_for_log("deaf", "ready"):
        begin = time.monotonic()
        lab.podman.call("stop", "-t", 30, "deaf")
        lab.expect("killed by us, long before podman", time.monotonic() - begin < 20, True)
        lab.expect("the exit code", lab.podman.state("deaf")["ExitCode"], 137)
        lab.expect_in("the summary", "after the grace", lab.podman.logs("deaf"))


@case
def out_of_memory_is_told_from_other_kills(lab):
    result = lab.podman.run_attached("hungry", "--memory", "64m", SCRATCH, FIXTURE, "eat-memory", 256 << 20)
    state = lab.podman.state("hungry")
    lab.expect("the exit code", (result.returncode, state["ExitCode"]), (137, 137))
    lab.expect("podman's own verdict", state["OOMKilled"], True)
    lab.expect_in("our verdict", "out of memory", result.stderr)

    result = lab.podman.run_attached("killed", "--memory", "64m", SCRATCH, FIXTURE, "die", 9)
    lab.expect("the exit code", (result.returncode, lab.podman.state("killed")["OOMKilled"]), (137, False))
    lab.expect("no OOM is claimed", "out of memory" in result.stderr, False)


@case
def a_terminal_is_handed_over(lab):
    words = lab.podman.base + ["run", "--rm", "-it", *lab.podman.limits(), BUSYBOX, "/bin/sh"]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(words[0], words)
    seen = bytearray()

    def read_for(seconds):
        while select.select([terminal], [], [], seconds)[0]:
            try:
                seen.extend(os.read(terminal, 4096))
            except OSError:  # EIO: the other side is closed
                return

    def after(text, probe):
        os.write(terminal, text)
        return lab.wait_for(f"{probe!r} on the terminal", lambda: (read_for(0.05), probe in seen)[1])

    after(b"echo shell-$((40+2))\n", b"shell-42")
    after(b"sleep 100\n", b"sleep 100")
    time.sleep(0.5)
    after(b"\x03", b"^C")  # to the sleep alone: the shell goes on
    after(b"echo alive-$((2*3))\n", b"alive-6")
    os.write(terminal, b"exit 5\n")
    read_for(3)
    _, status = os.waitpid(child, 0)
    lab.expect("the shell's exit code", os.waitstatus_to_exitcode(status), 5)
    lab.expect("the shell has job control", b"job control turned off" in seen, False)


@case
def a_read_only_root_with_the_log_on_a_volume(lab):
    result = lab.podman.run("--read-only", "--read-only-tmpfs=false", "-v", f"{lab.folder}:/out", "--entrypoint",
                            '["/toolkit", "run", "--log", "/out/train.log", "--name", "train", "--state-dir", "/out", "--"]',
                            SCRATCH, FIXTURE, "lines", 3, 20)
    lab.expect("the exit code", result.returncode, 0)
    lab.expect("the console", len(result.stdout.splitlines()), 3)
    log = (lab.folder / "train.log").read_text()
    lab.expect("stamped lines", len(re.findall(r"^\[[-0-9]{10} [:0-9]{8}\]  INFO train: 0000", log, re.M)), 3)
    record = json.loads((lab.folder / "train/job.json").read_text())
    lab.expect("the record", (record["state"], record["exit_code"]), ("exited", 0))
    result = lab.podman.run("--read-only", "--read-only-tmpfs=false", SCRATCH, FIXTURE, "exit", 6)
    lab.expect("without any writable place", result.returncode, 6)


@case
def nobody_without_capabilities(lab):
    bare = ["--user", "65534:65534", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--read-only"]
    result = lab.podman.run(*bare, SCRATCH, FIXTURE, "print-status")
    lab.expect("the exit code", result.returncode, 0)
    lab.expect_in("the child's user", "status Uid: 65534 65534 65534 65534", result.stdout)
    lab.expect_in("the child's capabilities", "status CapEff: 0000000000000000", result.stdout)
    lab.podman.start("nobody", *bare, SCRATCH, FIXTURE, "checkpoint", 100, "/dev/null", 9)
    if lab.wait_for_log("nobody", "ready"):
        lab.podman.call("stop", "-t", 10, "nobody")
        lab.expect("stopped by signal", lab.podman.state("nobody")["ExitCode"], 9)


@case
def every_signal_that_the_engine_sends_arrives(lab):
    lab.podman.start("signals", SCRATCH, FIXTURE, "signals")
    if not lab.wait_for_log("signals", "ready"):
        return
    for number in (1, 10, 12, 15, 28, 40, 64):
        lab.podman.call("kill", "--signal", number, "signals")
        lab.wait_for_log("signals", f"signal {number} ")


@case
def as_pid_1_no_zombie_stays(lab):
    lab.podman.start("init", BUSYBOX, "/bin/sh", "-c", "echo ready; exec sleep 100")
    if not lab.wait_for_log("init", "ready"):
        return

    def inside(script):
        return lab.podman.call("exec", "init", "/bin/sh", "-c", script).stdout
    lab.expect_in("PID 1", "^/toolkit run ", inside("tr '\\0' ' ' </proc/1/cmdline"))
    lab.expect("orphans", inside("/toolkit_fixture orphans 40"), "left 40\n")
    lab.wait_for("all reaped", lambda: inside("grep -l '^State:.Z' /proc/[0-9]*/status") == "", 5)


def build_images(podman, work, toolkit, fixture):
    for tag, extra in ((SCRATCH, []), (BUSYBOX, ["/bin/busybox"])):
        folder = work / tag.rsplit("-", 1)[1]
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "bin").mkdir(parents=True)
        shutil.copy(toolkit, folder / "toolkit")
        shutil.copy(fixture, folder / "toolkit_fixture")
        for program in extra:
            shutil.copy(program, folder / "bin/busybox")
            for name in ("sh", "sleep", "cat", "grep", "tr", "echo"):
                os.symlink("busybox", folder / "bin" / name)
        (folder / "Dockerfile").write_text(DOCKERFILE)
        if error := podman.build(tag, folder):
            return error
    result = podman.run("--entrypoint", FIXTURE, SCRATCH, "exit", 0)
    return result.stderr if result.returncode != 0 else ""


def run_case(function, podman, work):
    folder = work / function.__name__
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    lab = Lab(podman, folder)
    begin = time.monotonic()
    try:
        function(lab)
    except Exception as error:  # pylint: disable=broad-except  # one case must not end the others
        lab.wrong.append(f"{type(error).__name__}: {error}")
    podman.call("rm", "-fa", "-t", "0")
    print(f"{'WRONG' if lab.wrong else 'ok':6} {function.__name__} ({time.monotonic() - begin:.1f} s)", flush=True)
    for text in lab.wrong:
        print(f"       {text}")
    return not lab.wrong


def main():
    toolkit, fixture, work = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    work.mkdir(parents=True, exist_ok=True)
    podman = Podman(work)
    reason = podman.why_not()
    try:
        reason = reason or build_images(podman, work, toolkit, fixture)
        if reason:
            print("skipped: no containers here:", reason)
            return 1 if os.environ.get("TOOLKIT_LABS") == "required" else 77
        wanted = [function for function in CASES if not sys.argv[4:] or function.__name__ in sys.argv[4:]]
        results = [run_case(function, podman, work) for function in wanted]
        return 0 if results and all(results) else 1
    finally:
        podman.remove_all()


if __name__ == "__main__":
    sys.exit(main())
