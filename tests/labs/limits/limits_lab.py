#!/usr/bin/env python3
"""The limits that are told against those that the kernel enforces: groups of v1 on this machine and of v2 in
Debian's user-mode-linux, five levels deep, measured again after each write; then CPUs by the throughput of
spinning threads, and memory by where a growing process is killed. Needs root; exits 77 where it cannot be.

    limits_lab.py TOOLKIT LOAD WORK_FOLDER
"""
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "oom"), str(HERE.parent / "containers")]
import enforced  # noqa: E402
import groups  # noqa: E402
from oom_lab import kernel  # noqa: E402
from podman import Podman  # noqa: E402

MIB = 1 << 20
V1 = pathlib.Path("/sys/fs/cgroup")


def own_group(controller):
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return V1 / controller / path.strip("/")
    return None


class Report:
    def __init__(self):
        self.wrong = 0

    def say(self, right, text):
        self.wrong += not right
        print(("" if right else "WRONG ") + text, flush=True)


def cpu_settings(chain, toolkit, load, report):
    """Name, quota at a level (us of 100 ms), CPUs of the set, and those that taskset leaves."""
    everything = (chain.levels["cpuset"][0].parent / "cpuset.effective_cpus").read_text().strip()
    one = everything.replace("-", ",").split(",")[0]
    settings = [(f"quota {q / 100000:.2f}", {4: q}, everything, None) for q in (20000, 35000, 50000, 75000, 100000, 125000, 150000)]
    settings += [("quota of an ancestor", {1: 60000}, everything, None), ("a tighter ancestor", {0: 80000, 2: 40000}, everything, None),
                 ("one CPU by cpuset", {}, one, None), ("cpuset, and more by quota", {4: 150000}, one, None),
                 ("affinity", {}, everything, one), ("affinity and quota", {3: 30000}, everything, one)]
    for levels in chain.levels["cpu"]:  # so that others on the machine take little from us
        groups.write(levels / "cpu.shares", 262144)
    for name, quotas, cpus, affinity in settings:
        groups.write(chain.levels["cpuset"][4] / "cpuset.cpus", cpus)
        before = ["taskset", "-c", affinity] if affinity else []
        claimed, binding, got = enforced.cpu_claim(chain, load, toolkit, quotas, before)
        report.say(enforced.is_true(claimed, got, 0.1), f"CPUs, {name}: claimed {claimed:.3f} ({binding}), got {got:.3f}")
        groups.write(chain.levels["cpuset"][4] / "cpuset.cpus", everything)
    return len(settings)


def memory_settings(chain, toolkit, load, report, folder):
    before, settings = 0, ((4, 32), (4, 100), (3, 64), (0, 200))
    for level, mebibytes in settings:
        claimed, touched, code, kills = enforced.memory_claim(chain, toolkit, load, level, mebibytes * MIB, folder)
        report.say(code == -9 and kills == before + 1 and enforced.is_true(claimed, touched, 0.05),
                   f"v1 memory at level {level}: claimed {claimed / MIB:.1f} MiB, killed with {touched / MIB:.1f} MiB, "
                   f"{kills} kills counted, ended with {code}")
        before = kills
    return len(settings)


def hidden(chain, toolkit, report):
    """In a cgroup namespace with the mounts of outside, nothing may be called unlimited that could be limited."""
    groups.write(chain.levels["pids"][0] / "pids.max", 700)
    told = chain.told(toolkit, "unshare", "-C")
    report.say(told.get("pids") == "unknown" and "namespace" in (told["pids_reason"] or ""),
               f"a hidden ancestor is unknown: {told.get('pids')}, {told.get('pids_reason')}")
    groups.write(chain.levels["pids"][0] / "pids.max", "max")


def in_containers(toolkit, folder, report):
    """podman's own flags, with a cgroup namespace and without one."""
    podman = Podman(folder / "podman")
    image = folder / "image"
    image.mkdir()
    shutil.copy(toolkit, image / "toolkit")
    (image / "Dockerfile").write_text('FROM scratch\nCOPY toolkit /toolkit\nENTRYPOINT ["/toolkit", "env", "--json"]\n')
    if why := podman.why_not() or podman.build("limits", image):
        print(f"skipped: no containers: {why}")
        return
    expected = {"cpu": 0.5, "memory": 64 * MIB, "swap": 64 * MIB, "pids": 77, "effective": 0.5}
    for space in ("private", "host"):
        result = podman.run("--memory", "64m", "--cpus", "0.5", "--pids-limit", "77", "--cgroupns", space, "limits")
        told = groups.flat(result.stdout)
        report.say({key: told[key] for key in expected} == expected,
                   f"a container with --cgroupns {space}: {[told[key] for key in expected]} {told['cpu_reason']} {result.stderr}")
    podman.remove_all()


def in_version2(toolkit, load, folder, report):
    program = kernel(folder)
    if program is None:
        print("skipped: user-mode-linux cannot be had, so nothing about v2")
        return
    init = folder / "init"
    init.write_text(f"#!/bin/sh\nexec /usr/bin/python3 -B {HERE}/inside.py {toolkit} {load} {folder}\n")
    init.chmod(0o755)
    command = [program, "mem=512M", "rootfstype=hostfs", "rootflags=/", "rw", f"init={init}", "con=null", "con0=fd:0,fd:1", "quiet"]
    console = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=300,
                             check=False, env={**os.environ, "TMPDIR": "/tmp"}).stdout
    results = (folder / "results").read_text() if (folder / "results").exists() else ""
    for line in results.splitlines():
        if line != "done":
            report.say(not line.startswith("WRONG"), line.removeprefix("WRONG "))
    report.say(results.endswith("done\n"), "v2: its kernel came to the end" + ("" if results.endswith("done\n") else "\n" + console[-2000:]))


def main():
    toolkit, load, folder = (pathlib.Path(os.path.abspath(word)) for word in sys.argv[1:4])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tops = {controller: own_group(controller) for controller in ("cpu", "cpuset", "memory", "pids")}
    if os.geteuid() != 0:
        print("skipped: needs root")
        return 77
    report = Report()
    if None in tops.values() or not all(os.access(top, os.W_OK) for top in tops.values()):
        print(f"skipped on v1: not all controllers are there ({tops})")
    else:
        chain = groups.Chain(tops, 1)
        try:
            taken, complaints = groups.measure_again_and_again(chain, toolkit, 80, 4)
            for complaint in complaints:
                report.say(False, "v1: " + complaint)
            print(f"v1: {taken} writes to five levels, measured again after each", flush=True)
            chain.remove()
            chain = groups.Chain(tops, 1)
            hidden(chain, toolkit, report)
            count = cpu_settings(chain, toolkit, load, report) + memory_settings(chain, toolkit, load, report, folder)
            print(f"{count} settings enforced by v1", flush=True)
        finally:
            chain.remove()
    in_containers(toolkit, folder, report)
    in_version2(toolkit, load, folder, report)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
