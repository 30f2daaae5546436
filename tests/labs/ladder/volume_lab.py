#!/usr/bin/env python3
"""Containers that share nothing but a directory: one runs the job, others wait for it. Exits 77 with a reason
where containers cannot run, unless TOOLKIT_LABS=required.

    volume_lab.py TOOLKIT FIXTURE WORK_FOLDER
"""
import os
import pathlib
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "containers"))
from podman import Podman  # pylint: disable=wrong-import-position

IMAGE, FIXTURE = "localhost/toolkit-volume", "/toolkit_fixture"
DOCKERFILE = 'FROM scratch\nCOPY . /\nENTRYPOINT ["/toolkit"]\n'
OTHER_USER = ("--user", "65534:65534", "--cap-drop", "all")


class Lab:
    def __init__(self, podman, volume):
        self.podman, self.wrong = podman, 0
        self.volume = ("-v", f"{volume}:/state")
        self.folder = volume

    def expect(self, what, actual, wanted):
        good = actual == wanted
        self.wrong += not good
        print(f"{'ok' if good else 'WRONG':6} {what}: {actual!r}" + ("" if good else f", should be {wanted!r}"),
              flush=True)

    def start_waiter(self, name, *words, user=()):
        self.podman.start(name, *self.volume, *user, IMAGE, "wait", "--timeout", "60s", "--state-dir", "/state", *words)

    def code_of(self, name):
        self.podman.call("wait", name, timeout=90)
        return self.podman.state(name)["ExitCode"]

    def run_job(self, name, *child, detached=False):
        words = (*self.volume, IMAGE, "run", "--state-dir", "/state", "--name", name, "--", FIXTURE, *child)
        return self.podman.start(f"{name}-main", *words) if detached else self.podman.run(*words).returncode

    def until_recorded(self, name):
        end = time.monotonic() + 30
        while not (self.folder / name / "job.json").exists() and time.monotonic() < end:
            time.sleep(0.02)

    def codes(self):
        for code, child in ((0, ("exit", 0)), (42, ("exit", 42)), (139, ("die", 11)), (137, ("die", 9))):
            name = f"job{code}"
            self.start_waiter(f"{name}-early", f"job:{name}", user=OTHER_USER)
            self.expect(f"the job itself, {child}", self.run_job(name, *child), code)
            self.expect("a waiter of another user that came before it", self.code_of(f"{name}-early"), code)
            self.start_waiter(f"{name}-late", f"job:/state/{name}")
            self.expect("a waiter that came after it", self.code_of(f"{name}-late"), code)

    def lost(self):
        self.run_job("doomed", "sleep-print", "100", detached=True)
        self.until_recorded("doomed")
        self.start_waiter("doomed-wait", "job:doomed", user=OTHER_USER)
        time.sleep(0.5)
        self.podman.call("kill", "--signal", "KILL", "doomed-main")
        self.expect("a job whose container was killed", self.code_of("doomed-wait"), 120)
        self.expect("said why", "its supervisor died" in self.podman.logs("doomed-wait"), True)

    def stopped(self):
        self.run_job("saved", "checkpoint", 300, "/state/checkpoint", 5, detached=True)
        self.until_recorded("saved")
        self.start_waiter("saved-wait", "job:saved")
        time.sleep(0.5)
        self.podman.call("stop", "-t", 20, "saved-main")
        self.expect("a job that saved its work when it was stopped", self.code_of("saved-wait"), 5)


def build(podman, work, toolkit, fixture):
    folder = work / "image"
    folder.mkdir(parents=True)
    shutil.copy(toolkit, folder / "toolkit")
    shutil.copy(fixture, folder / "toolkit_fixture")
    (folder / "Dockerfile").write_text(DOCKERFILE)
    if wrong := podman.build(IMAGE, folder):
        return wrong
    tried = podman.run("--entrypoint", FIXTURE, IMAGE, "exit", 0)
    return tried.stderr if tried.returncode != 0 else ""  # podman 5 also says what it thinks of cgroup v1


def main():
    toolkit, fixture, work = (pathlib.Path(name).resolve() for name in sys.argv[1:4])
    podman = Podman(work)
    why = podman.why_not()
    if not why:
        shutil.rmtree(work, ignore_errors=True)
        why = build(podman, work, toolkit, fixture)
    try:
        if why:
            print(f"skipped: {why}")
            return 1 if os.environ.get("TOOLKIT_LABS") == "required" else 77
        volume = work / "volume"
        volume.mkdir()
        lab = Lab(podman, volume)
        for case in (lab.codes, lab.lost, lab.stopped):
            case()
        return 1 if lab.wrong else 0
    finally:
        podman.remove_all()


if __name__ == "__main__":
    sys.exit(main())
