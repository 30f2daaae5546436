#!/usr/bin/env python3
"""A trainer and a sidecar that syncs its logs, as podman containers from an empty image, under other users.

    sidecar_lab.py TOOLKIT FIXTURE FOLDER

They share the directory of logs and that of job records, and nothing else; the destination is a directory, a
real sshd, a real Ceph gateway. SIGTERM comes to both at the same moment, and what the trainer writes after it
is at the destination; a sidecar that was killed and started again, with other PIDs, goes on at once; what a
sidecar may not read is named. Exits 77 with a reason where that cannot be, unless TOOLKIT_LABS=required.
"""
import os
import pathlib
import shutil
import sys
import time

LABS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(LABS / "containers"))
from podman import Podman  # noqa: E402

from check import Check, finish, summary  # noqa: E402
from places import all_places  # noqa: E402

IMAGE = "localhost/toolkit-sync-sidecar"
TRAINER, SIDECAR = "1000:1000", "1001:1000"  # a common group, as fsGroup gives it


class Pod:
    def __init__(self, podman, place, folder, name):
        self.podman, self.place, self.name = podman, place, name
        self.logs, self.state = folder / f"{name}-logs", folder / f"{name}-state"
        for path in (self.logs, self.state):
            path.mkdir(parents=True)
            os.chown(path, 1000, 1000)
            path.chmod(0o2775)
        self.words = ["-v", f"{self.logs}:/logs", "-v", f"{self.state}:/state", "-e", "TOOLKIT_STATE_DIR=/state",
                      "--entrypoint", "/toolkit"]

    def train(self, *child):
        self.podman.start(f"{self.name}-train", *self.words, "--user", TRAINER, IMAGE, "run", "-q", "--name", "train",
                          "--umask", "027", "--log", "/logs/train.log", "--log-format", "raw", "--grace", "8s", "--",
                          *child)

    def sync(self, *options, name="sync", user=SIDECAR):
        place = self.place
        words = [*self.words, "--user", user]
        if place.name == "directory":
            words += ["-v", f"{place.folder}:{place.folder}"]
        for key, value in place.environment().items():
            words += ["-e", f"{key}={value}"]
        if "HOME" in place.environment():
            home = place.environment()["HOME"]
            words += ["-v", f"{home}:{home}"]
            for path in (pathlib.Path(home), *pathlib.Path(home).rglob("*")):
                os.chown(path, int(user.split(":")[0]), 1000)
        self.podman.start(f"{self.name}-{name}", *words, IMAGE, "sync", "--json", *place.options(), *options, "/logs/",
                          place.target())

    def signal(self, number, *parts):
        self.podman.call("kill", "-s", number, *(f"{self.name}-{part}" for part in parts))

    def code(self, part):
        return int(self.podman.call("wait", f"{self.name}-{part}").stdout.strip() or -1)

    def said(self, part):
        return self.podman.logs(f"{self.name}-{part}")


def wait_until(what, seconds=60):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.1)
    return what()


def there(place, name):
    path = place.content() / name
    return path.read_bytes() if path.exists() else b""


def stopped_together(check, pod, place):
    """As when a Pod is deleted: everybody hears SIGTERM at once, and the trainer still has something to say."""
    pod.train("/toolkit_fixture", "checkpoint", "2000", "/logs/checkpoint.log", "3")
    pod.sync("--follow", "--until", "job:train", "--max-lag", "200ms", "--interval", "1s", "--grace", "20s")
    check.true(f"{pod.name}: it arrives while it goes on", wait_until(lambda: there(place, "train.log")))
    pod.signal("TERM", "sync", "train")
    codes = (pod.code("train"), pod.code("sync"))
    check.equal(f"{pod.name}: trainer and sidecar, {pod.said('sync')[-600:]}", codes, (3, 0))
    for log in ("train.log", "checkpoint.log"):
        check.equal(f"{pod.name}: its last words in {log}", there(place, log), (pod.logs / log).read_bytes())
    check.true(f"{pod.name}: which are no empty ones", there(place, "checkpoint.log"))


def killed_and_restarted(check, pod, place):
    """SIGKILL, and a new container: another PID namespace, in which the PID of the old one says nothing."""
    pod.train("/toolkit_fixture", "checkpoint", "0", "/logs/checkpoint.log", "0")
    follow = ("--follow", "--until", "job:train", "--max-lag", "200ms", "--interval", "1s")
    pod.sync(*follow)
    check.true(f"{pod.name}: before", wait_until(lambda: there(place, "train.log")))
    pod.sync(name="second")
    check.equal(f"{pod.name}: a second one while the first lives", pod.code("second"), 1)
    check.true(f"{pod.name}: which is told who is there", "another sync: host" in pod.said("second"))
    pod.signal("KILL", "sync")
    pod.code("sync")
    began = time.monotonic()
    pod.sync(*follow, name="again")
    time.sleep(3)
    check.equal(f"{pod.name}: it goes on, {pod.said('again')[-600:]}",
                pod.podman.state(f"{pod.name}-again")["Status"], "running")
    pod.signal("TERM", "train")
    codes = (pod.code("train"), pod.code("again"))
    check.equal(f"{pod.name}: trainer and sidecar, {pod.said('again')[-600:]}", codes, (0, 0))
    check.true(f"{pod.name}: without waiting for the claim to end", time.monotonic() - began < 45)
    check.equal(f"{pod.name}: all is there", there(place, "train.log"), (pod.logs / "train.log").read_bytes())


def not_readable(check, pod, place):
    """Another user without the group, and logs for their owner only: named with the cure, never left out."""
    (pod.logs / "secret.log").write_text("for me\n")
    os.chown(pod.logs / "secret.log", 1000, 1000)
    (pod.logs / "secret.log").chmod(0o600)
    (pod.logs / "open.log").write_text("for all\n")
    pod.sync(user="1002:1002")
    check.equal(f"{pod.name}: exit code", pod.code("sync"), 1)
    said = pod.said("sync")
    check.true(f"{pod.name}: names it and the cure, {said[-800:]}", "secret.log" in said and "fsGroup" in said)
    check.equal(f"{pod.name}: it counts", summary(said[:said.rfind("}") + 1].encode()).get("failed"), 1)
    check.equal(f"{pod.name}: the other one is there", there(place, "open.log"), b"for all\n")


def everything(check, podman, place, folder):
    for number, trial in enumerate((stopped_together, killed_and_restarted, not_readable)):
        place.clear()
        if place.name == "directory":
            place.folder.chmod(0o777)
        pod = Pod(podman, place, folder, f"{place.name}-{number}")
        trial(check, pod, place)
        print(f"{place.name}: {trial.__name__.replace('_', ' ')}", flush=True)


def build_image(podman, folder, toolkit, fixture):
    image = folder / "image"
    image.mkdir()
    shutil.copy(toolkit, image / "toolkit")
    shutil.copy(fixture, image / "toolkit_fixture")
    (image / "passwd").write_text("root:x:0:0::/:\n" + "".join(f"u{n}:x:{n}:1000::/:\n" for n in (1000, 1001, 1002)))
    (image / "Dockerfile").write_text("FROM scratch\nCOPY toolkit toolkit_fixture /\nCOPY passwd /etc/passwd\n")
    return podman.build(IMAGE, image)


def main():
    toolkit, fixture, folder = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    podman = Podman(folder, network="host")
    check = Check()
    try:
        if reason := podman.why_not() or build_image(podman, folder, toolkit, fixture):
            print("skipped: no containers here:", reason)
            sys.exit(1 if os.environ.get("TOOLKIT_LABS") == "required" else 77)
        for place in all_places(folder):
            if reason := place.why_not():
                print(f"{place.name}: left out: {reason}")
                continue
            place.start()
            try:
                everything(check, podman, place, folder)
            finally:
                place.stop()
    finally:
        podman.remove_all()
    finish(check)


main()
