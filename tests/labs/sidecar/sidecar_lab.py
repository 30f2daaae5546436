#!/usr/bin/env python3
"""Init container, trainer and sidecar: three places that share one directory and nothing else.

    sidecar_lab.py TOOLKIT FIXTURE FOLDER    FULL=1 for 200 rounds of chaos, SEED=N to repeat

First as podman containers from an empty image, the sidecar under another user. Then as processes in PID and
mount namespaces of their own, of which one is killed and started again in each round. Exits 77 with a
reason where that cannot be, unless TOOLKIT_LABS=required.
"""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "containers"))
from podman import Podman  # noqa: E402

IMAGE = "localhost/toolkit-sidecar"
OTHER_USER = "65534"
NOT_SEEN = (3, 120)  # of toolkit wait: ended and the code unknown, lost


class Check:
    def __init__(self):
        self.wrong = 0

    def equal(self, what, actual, wanted):
        if actual != wanted:
            self.wrong += 1
            print(f"WRONG {what}: is {actual!r}, should be {wanted!r}", flush=True)


def in_containers(check, podman, fixture_words, folder):
    """The pod of the man page: fetch, train, and a sidecar that was there first."""
    for name, fetch_code, train_code, wanted_train in [("good", 0, 3, 3), ("refused", 5, 0, 5)]:
        state = folder / f"state-{name}"
        state.mkdir()
        state.chmod(0o777)
        shared = ["-v", f"{state}:/state", "-e", "TOOLKIT_STATE_DIR=/state", "--entrypoint", "/toolkit"]
        podman.start(f"{name}-sidecar", *shared, "--user", OTHER_USER, IMAGE, "wait", "job:train new=yes")
        podman.start(f"{name}-train", *shared, IMAGE, "run", "--name", "train", "--wait", "job:fetch code=0", "--",
                     *fixture_words, "exit", train_code)
        time.sleep(0.5)
        check.equal(f"{name}: the trainer waits", podman.state(f"{name}-train")["Status"], "running")
        fetched = podman.run(*shared, IMAGE, "run", "--name", "fetch", "--", *fixture_words, "exit", fetch_code)
        check.equal(f"{name}: fetch", fetched.returncode, fetch_code)
        for part in ("train", "sidecar"):
            code = podman.call("wait", f"{name}-{part}").stdout.strip()
            check.equal(f"{name}: {part}", code, str(wanted_train))


def lost_container(check, podman, fixture_words, folder):
    state = folder / "state-lost"
    state.mkdir()
    state.chmod(0o777)
    shared = ["-v", f"{state}:/state", "-e", "TOOLKIT_STATE_DIR=/state", "--entrypoint", "/toolkit"]
    podman.start("lost-train", *shared, IMAGE, "run", "--name", "train", "--", *fixture_words, "sleep-print", "100")
    podman.start("lost-sidecar", *shared, "--user", OTHER_USER, IMAGE, "wait", "job:train")
    time.sleep(1)
    podman.call("kill", "-s", "KILL", "lost-train")
    began = time.monotonic()
    code = podman.call("wait", "lost-sidecar").stdout.strip()
    check.equal("the trainer's container was killed", code, "120")
    check.equal("told within 4 s, podman's own time included", time.monotonic() - began < 4, True)


class Place:
    """A process tree in namespaces of its own; to kill `unshare` is to kill the container."""

    def __init__(self, *words):
        self.words = words
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *map(str, self.words)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def restart(self):
        """As a kubelet: the new one comes when the old one is gone, and its name with it."""
        pid = self.process.pid
        below = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        self.process.kill()
        self.process.wait()
        end = time.monotonic() + 10
        while any(os.path.exists(f"/proc/{one}") for one in below) and time.monotonic() < end:
            time.sleep(0.001)
        self.start()

    def code(self, seconds=20):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "never ended"


def chaos_round(check, generator, toolkit, folder, number):
    """One of the three is killed and started again; the end is as if nothing had been."""
    state = folder / "state" / str(number)
    state.mkdir(parents=True)
    code = generator.choice([n for n in range(256) if n not in NOT_SEEN])
    common = ["--state-dir", state]
    sidecar = Place(toolkit, "wait", *common, "job:train")
    train = Place(toolkit, "run", "-q", *common, "--name", "train", "--wait", "job:fetch code=0", "--",
                  "sh", "-c", f"sleep 0.3; exit {code}")
    fetch = Place(toolkit, "run", "-q", *common, "--name", "fetch", "--", "sh", "-c", "sleep 0.2")
    time.sleep(generator.uniform(0, 0.35))
    victim, what = generator.choice([(sidecar, "sidecar"), (train, "train"), (fetch, "fetch")])
    victim.restart()
    codes = (truth_of(train), truth_of(sidecar))
    fetch.code()
    check.equal(f"round {number}, {what} restarted", codes, (code, code))


def truth_of(place):
    """Who saw the job that it followed lost, or replaced, says so and nothing else; restarted, as a kubelet does,
    it follows the new one."""
    code = place.code()
    for _ in range(3):
        if code not in NOT_SEEN:
            break
        place.start()
        code = place.code()
    return code


def chaos(check, toolkit, folder):
    rounds = 200 if os.environ.get("FULL") == "1" else 20
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    print(f"{rounds} rounds of chaos; SEED={seed}", flush=True)
    generator = random.Random(seed)
    for number in range(rounds):
        chaos_round(check, generator, toolkit, folder, number)


def build_image(podman, folder, toolkit, fixture):
    image = folder / "image"
    image.mkdir()
    shutil.copy(toolkit, image / "toolkit")
    shutil.copy(fixture, image / "toolkit_fixture")
    (image / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    return podman.build(IMAGE, image)


def main():
    toolkit, fixture, folder = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    podman = Podman(folder)
    reason = podman.why_not()
    check = Check()
    try:
        reason = reason or build_image(podman, folder, toolkit, fixture)
        if reason:
            print("skipped: no containers here:", reason)
            return 1 if os.environ.get("TOOLKIT_LABS") == "required" else 77
        in_containers(check, podman, ["/toolkit_fixture"], folder)
        lost_container(check, podman, ["/toolkit_fixture"], folder)
        print("containers done", flush=True)
        chaos(check, toolkit, folder)
        print(f"{check.wrong} wrong")
        return 1 if check.wrong else 0
    finally:
        podman.remove_all()


if __name__ == "__main__":
    sys.exit(main())
