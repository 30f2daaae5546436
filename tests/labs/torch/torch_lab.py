#!/usr/bin/env python3
"""Distributed training by PyTorch's own launcher under `run`: stop, resume, a hanging rank, a raising
rank. Exits 77 with a reason where torch is not installed, unless TOOLKIT_LABS=required.

    torch_lab.py TOOLKIT WORK_FOLDER
"""
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

PYTHON = "/usr/bin/python3"  # the one that the package python3-torch belongs to
SCRIPT = pathlib.Path(__file__).resolve().parent / "train_ddp.py"
STAMPED = r"(?m)^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] .*"
GRACE = 3.0    # for the rank that hangs: torch itself would give it 30 s before its own SIGKILL
START = 120    # seconds until the first step: on a busy machine the import of torch alone takes many
FAILURES = []


def check(what, good, detail=""):
    print(f"{'ok' if good else 'FAIL':5} {what}{'' if good else f': {detail}'}", flush=True)
    if not good:
        FAILURES.append(what)


def why_not():
    """Why torch cannot train here; empty when it can."""
    ask = "import torch.distributed as d, sys; sys.exit(not (d.is_available() and d.is_gloo_available()))"
    if not os.access(PYTHON, os.X_OK):
        return f"no {PYTHON}"
    asked = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=False)
    return "" if asked.returncode == 0 else f"no torch with gloo: {asked.stderr.strip().splitlines()[-1:]}"


@functools.lru_cache
def hosts_a_store():
    """Whether TCPStore's default works; Debian 13's 2.6 is built without the libuv that it wants."""
    ask = "import torch.distributed as d; d.TCPStore('127.0.0.1', 0, 1, True)"
    return subprocess.run([PYTHON, "-c", ask], capture_output=True, check=False, env=environment()).returncode == 0


def launcher(folder, checkpoint, *arguments):
    # Where the launcher can host no store it meets itself at a file, and rank 0 hosts the ranks' store.
    meeting = (["127.0.0.1:0"] if hosts_a_store() else
               [str(folder / "meeting"), "--rdzv_conf", "store_type=file", "--local_addr", "127.0.0.1"])
    # Without -r and -t torch 1.13 looks up a default that Python 3.11 no longer accepts.
    return [PYTHON, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_addr", "127.0.0.1",
            "--rdzv_backend", "c10d", "--rdzv_endpoint", *meeting, "-r", "1", "-t", "1", "--log_dir",
            str(folder / "ranks"), str(SCRIPT), "--checkpoint", str(checkpoint), *arguments]


def environment():
    return {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo", "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",  # newer launchers do not flush what they pass on
            "USE_LIBUV": "0", "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}


def ours(work):
    """Processes whose command line names the script and this lab's folder: the launcher and the ranks."""
    found = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        mine = any(word.startswith(os.fsencode(work)) for word in words)
        if mine and os.fsencode(SCRIPT) in words and b"run" not in words:
            found[int(entry.name)] = b" ".join(words[:4]).decode()
    return found


def kill_all(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Job:
    """One training under `run`."""

    def __init__(self, toolkit, work, name, checkpoint, *arguments, grace=20.0):
        self.folder = work / name
        self.folder.mkdir()
        self.log, self.note = self.folder / "train.log", self.folder / "termination-log"
        self.record_file = self.folder / "state" / name / "job.json"
        self.begin = time.monotonic()
        with open(self.folder / "console", "wb") as console:
            self.process = subprocess.Popen(
                [toolkit, "run", "--log", self.log, "--name", name, "--state-dir", self.folder / "state", "--grace",
                 f"{grace}s", "--termination-log", self.note, "--failure-file", self.folder / "failure", "--",
                 *launcher(self.folder, checkpoint, *arguments)],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, env=environment())

    def words(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def reaches(self, pattern):
        end = time.monotonic() + START
        while time.monotonic() < end and self.process.poll() is None:
            if re.search(pattern, self.words()):
                return True
            time.sleep(0.05)
        return bool(re.search(pattern, self.words()))

    def ends(self, seconds):
        """Its exit code; None when it did not end in time and was killed."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def record(self):
        return json.loads(self.record_file.read_text())

    def tail(self):
        return self.words()[-1500:]

    def check_over(self, code, wanted):
        """The code and the record say the same, and nobody is left."""
        check(f"{self.folder.name}: the exit code is {wanted}", code == wanted, f"{code}; {self.tail()}")
        record = self.record()
        said = 128 + record["signal"] if record["signal"] else record["exit_code"]
        check(f"{self.folder.name}: the record says the same", record["state"] == "exited" and said == code, record)
        left = ours(self.folder.parent)
        check(f"{self.folder.name}: neither rank nor launcher is left", not left, left)
        kill_all(left)
        print(f"      {self.folder.name}: {time.monotonic() - self.begin:.1f} s; {record['message']}")


def code_without_us(work):
    """What the launcher alone ends with when it is stopped half way."""
    folder = work / "alone"
    folder.mkdir()
    with open(folder / "output", "w+b") as output:
        process = subprocess.Popen(launcher(folder, folder / "checkpoint"), stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=output, env=environment())
        end = time.monotonic() + START
        while b"rank 1 step 5 " not in (folder / "output").read_bytes() and time.monotonic() < end:
            time.sleep(0.05)
        process.terminate()
        try:
            return process.wait(20)
        except subprocess.TimeoutExpired:
            return None
        finally:
            kill_all(ours(work))


def stop_and_resume(toolkit, work):
    checkpoint = work / "checkpoint"
    job = Job(toolkit, work, "stopped", checkpoint)
    check("stopped: it trains", job.reaches("rank 0 step 25 "), job.tail())
    check("stopped: a launcher and two ranks are there", len(ours(work)) == 3, ours(work))
    job.process.terminate()
    code = job.ends(40)
    job.check_over(code, code_without_us(work))
    saved = saved_step(checkpoint)
    check("stopped: the checkpoint is of a step behind the signal", saved is not None and 25 <= saved < 60, saved)
    for rank in (0, 1):
        check(f"stopped: rank {rank}'s lines are in the log, stamped",
              re.search(rf"{STAMPED}rank {rank} step 20 of 60", job.words()), job.tail())

    job = Job(toolkit, work, "resumed", checkpoint)
    job.check_over(job.ends(START + 30), 0)
    check("resumed: both ranks go on behind the checkpoint's step",
          all(f"rank {rank} resumes behind step {saved}" in job.words() for rank in (0, 1)), job.tail())
    check("resumed: no step is done twice, none left out",
          [int(step) for step in re.findall(r"rank 0 step (\d+) ", job.words())] == list(range((saved or 0) + 1, 61)),
          job.tail())
    check("resumed: the training is done", saved_step(checkpoint) == 60 and "rank 1 is done" in job.words(), job.tail())


def saved_step(checkpoint):
    asked = subprocess.run([PYTHON, "-c", "import sys, torch; print(torch.load(sys.argv[1])['step'])", checkpoint],
                           capture_output=True, text=True, check=False)
    return int(asked.stdout) if asked.returncode == 0 else None


def hanging_rank(toolkit, work):
    job = Job(toolkit, work, "hanging", work / "hanging-checkpoint", "--trouble", "hang", grace=GRACE)
    check("hanging: a rank hangs", job.reaches("rank 1 hangs"), job.tail())
    asked = time.monotonic()
    job.process.terminate()
    code = job.ends(30)
    took = time.monotonic() - asked
    job.check_over(code, 128 + signal.SIGKILL)
    check(f"hanging: it was gone after the grace of {GRACE:.0f} s", GRACE - 0.1 <= took < GRACE + 5, f"{took:.1f} s")


def raising_rank(toolkit, work):
    job = Job(toolkit, work, "raising", work / "raising-checkpoint", "--trouble", "raise")
    job.check_over(job.ends(START + 40), 1)
    note = job.note.read_text() if job.note.exists() else ""
    words = "ValueError: the labels of step 3 are spoiled"
    check("raising: the last line of the rank's traceback is in the termination message", words in note, note)
    check("raising: the launcher's verdict on its ranks too", "ChildFailedError" in note, note)
    failure = (job.folder / "failure").read_text() if (job.folder / "failure").exists() else ""
    check("raising: and in the failure file", words in failure, failure)


def main():
    toolkit, work = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    reason = why_not()
    if reason:
        print("skipped: no distributed training here:", reason)
        return 1 if os.environ.get("TOOLKIT_LABS") == "required" else 77
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for lab in (stop_and_resume, hanging_rank, raising_rank):
        lab(toolkit, work)
    print(f"{len(FAILURES)} wrong" if FAILURES else "all as it should be")
    return 1 if FAILURES else 0


if __name__ == "__main__":
    sys.exit(main())
