"""State directories, logs and records in places that somebody has prepared, or that fail."""

import json
import os
import subprocess

from run_case import is_root, lasted, refused
from workers import read_text

NOBODY = 65534


def recorded(place):
    return ["--name", "job", "--state-dir", str(place / "state")]


def planted(lab, name, plant, words):
    """Something that is no job directory stands where one belongs; the victim is not touched."""
    place = lab.folder(name.replace(" ", "-"))
    victim = place / "victim"
    victim.write_text("mine")
    plant(place / "state/job", victim)
    ended = lab.run(recorded(place), "echo ran >ran; exit 3", cwd=place)
    checks = refused(ended, words) if words else lasted(ended, 3)
    lab.check(name, *checks, (victim.read_text() == "mine", "the victim has changed"),
              ((place / "ran").exists() == (not words), "the child ran, or did not"))
    return place


def links_and_pipes(lab):
    def a_link(job, victim):
        job.parent.mkdir()
        (job.parent / "other").mkdir()
        job.symlink_to("other")

    def inside(make):
        def plant(job, victim):
            job.mkdir(parents=True)
            make(job, victim)
        return plant

    planted(lab, "the job directory is a link", a_link, "not a directory")
    planted(lab, "the lock is a link", inside(lambda j, v: (j / "lock").symlink_to(v)), "symbolic link")
    planted(lab, "the lock is a FIFO", inside(lambda j, v: os.mkfifo(j / "lock")), "cannot keep job records")
    planted(lab, "the lock is a directory", inside(lambda j, v: (j / "lock").mkdir()), "is a directory")
    planted(lab, "the record is a directory", inside(lambda j, v: (j / "job.json").mkdir()), "is a directory")
    planted(lab, "the new record is a directory", inside(lambda j, v: (j / "job.json.tmp").mkdir()), "is a directory")
    for name in ("job.json", "job.json.tmp"):
        place = planted(lab, f"{name} is a link", inside(lambda j, v: (j / name).symlink_to(v)), None)
        state = json.loads((place / "state/job/job.json").read_text())["state"]
        lab.check(f"{name} was a link, and became a record", (state == "exited", state))
    planted(lab, "the old record is a FIFO", inside(lambda j, v: os.mkfifo(j / "job.json")), None)
    planted(lab, "the old record is noise", inside(lambda j, v: (j / "job.json").write_bytes(os.urandom(5000))), None)


def state_directories(lab):
    place = lab.folder("linked-state")
    (place / "real").mkdir()
    (place / "state").symlink_to("real")
    lab.check("a linked state directory is somebody's choice", *lasted(lab.run(recorded(place), "exit 3"), 3),
              ((place / "real/job/job.json").exists(), "no record"))
    place = lab.folder("vanishing")
    ended = lab.run(recorded(place), f"sleep 0.1; rm -rf {place}/state; exit 3")
    lab.check("the state directory vanishes", *lasted(ended, 3), ("job record: cannot" in ended.err, ended.err))
    place = lab.folder("stolen")
    ended = lab.run(recorded(place), f"sleep 0.1; cd {place}/state/job; rm lock; echo x >job.json; exit 3")
    state = json.loads((place / "state/job/job.json").read_text())["state"]
    lab.check("the child removes the lock and writes the record", *lasted(ended, 3), (state == "exited", state))


def in_own_mounts(lab, place, mounts, options, child, user=None):
    """The run in a mount namespace of its own, after these mounts."""
    wrapper = place / "wrapper"
    drop = f"setpriv --reuid {user} --regid {user} --clear-groups " if user else ""
    wrapper.write_text(f'#!/bin/sh\nset -e\n{mounts}\nexec {drop}{lab.toolkit} "$@"\n')
    wrapper.chmod(0o755)
    own = lab.toolkit
    lab.toolkit = "unshare"
    command = ["-m", "--propagation", "private", str(wrapper), "run", *options, "--", "sh", "-c", child]
    process = subprocess.run([lab.toolkit, *command], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
                             env={"PATH": os.environ["PATH"]})
    lab.toolkit = own
    return process


def mounted(lab):
    cases = [
        ("a full file system", "mount -t tmpfs -o size=64k none {s}; head -c 1M /dev/zero >{s}/fill 2>/dev/null || :", None, "no space left on device"),
        ("no inodes left", "mount -t tmpfs -o nr_inodes=1 none {s}", None, "no space left on device"),
        ("a read-only file system", "mount -t tmpfs -o ro none {s}", None, "read-only file system"),
        ("a directory of somebody else's", "chmod 755 {s}", NOBODY, "permission denied"),
    ]
    for name, mounts, user, words in cases:
        if not is_root():
            lab.skip(name, "needs root to mount")
            continue
        place = lab.folder(name.replace(" ", "-").replace("'", ""))
        (place / "state").mkdir()
        ended = in_own_mounts(lab, place, mounts.format(s=place / "state"), recorded(place), "exit 3", user)
        lines = ended.stderr.splitlines()
        lab.check(name, (ended.returncode == 125, f"code {ended.returncode}"),
                  (words in ended.stderr, ended.stderr), (len(lines) == 2 and lines[1].startswith("  try: "), ended.stderr))


def default_directory(lab):
    """Without a choice, nobody's records go to /tmp/toolkit-65534, where everybody may have put something."""
    if not is_root():
        lab.skip("the default directory in /tmp", "needs root to mount a /tmp of its own")
        return
    # The wrapper and the binary must be reachable for nobody, and not lie below the new /tmp.
    cases = [("a link", "ln -s /tmp/toolkit-elsewhere /tmp/toolkit-65534; mkdir -m 777 /tmp/toolkit-elsewhere", "not a directory"),
             ("somebody else's", "mkdir -m 777 /tmp/toolkit-65534", "belongs to somebody else"),
             ("open to all", "mkdir -m 777 /tmp/toolkit-65534; chown 65534 /tmp/toolkit-65534", "others may write"),
             ("a file", "touch /tmp/toolkit-65534", "not a directory"),
             ("nothing", ":", None)]
    for name, plant, words in cases:
        place = lab.folder("default-" + name.replace(" ", "-").replace("'", ""))
        mounts = f"mkdir -p {place}/tmp; cp {lab.toolkit} {place}/tmp/toolkit; mount --rbind {place}/tmp /tmp; chmod 1777 /tmp; {plant}"
        own = lab.toolkit
        lab.toolkit = "/tmp/toolkit"
        ended = in_own_mounts(lab, place, mounts, ["--name", "job"], "exit 3", NOBODY)
        lab.toolkit = own
        expected = 125 if words else 3
        lab.check(f"the default directory is {name}", (ended.returncode == expected, f"code {ended.returncode}: {ended.stderr}"),
                  (not words or words in ended.stderr, ended.stderr))


def logs(lab):
    place = lab.folder("logs")
    (place / "directory").mkdir()
    os.mkfifo(place / "fifo")
    lab.check("the log is a directory", *refused(lab.run(["--log", str(place / "directory")], "exit 3"), "is a directory"))
    lab.check("the log is a FIFO that nobody reads", *refused(lab.run(["--log", str(place / "fifo")], "exit 3"), "no such device or address"))
    ended = lab.run(["--log", "/dev/full"], "seq 20000; exit 3")
    lab.check("the log is always full", *lasted(ended, 3), (ended.out.count(b"\n") == 20000, "the console lost lines"),
              ("no space left on device" in ended.err, ended.err))
    ended = lab.run(["--log", str(place / "sub/log")], f"echo one; sleep 0.1; rm -rf {place}/sub; echo two; sleep 0.1; exit 3")
    lab.check("the log's directory vanishes", *lasted(ended, 3))
    ended = lab.run(["--log", str(place / "own")],
                    f"echo one; sleep 0.1; mv {place}/own {place}/moved; echo two; sleep 2.5; echo three; exit 3")
    text = read_text(place / "moved") + read_text(place / "own")
    lab.check("the child renames its log", *lasted(ended, 3),
              *[(text.count(f": {word}\n") == 1, f"{word} is missing: {text}") for word in ("one", "two", "three")],
              ("three" in read_text(place / "own"), "the log was not opened again"))


def all_cases(lab):
    links_and_pipes(lab)
    state_directories(lab)
    mounted(lab)
    default_directory(lab)
    logs(lab)
