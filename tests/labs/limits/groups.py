"""Nested groups of one kernel, v1 or v2, and what `toolkit env` must say of a process in the innermost one."""
import json
import os
import random
import subprocess

UNLIMITED = 0x7FFFFFFFFFFF0000
LEVELS = 5


def flat(answer):
    """The limits of `toolkit env --json`: a number, "unlimited" or "unknown" each, and what goes with it."""
    limits = json.loads(answer)["limits"]
    memory, pids, cpu = limits["memory"], limits["pids"], limits["cpu"]
    told = {"oom_kills": memory["oom_kills"] or 0, "effective": cpu["effective"]["cpus"],
            "binding": cpu["effective"]["binding"]}
    for key, limit in (("cpu", cpu["quota"]), ("memory", memory["limit_bytes"]), ("swap", memory["swap_bytes"]),
                       ("pids", pids["max"])):
        value = limit["value"]["cpus"] if isinstance(limit["value"], dict) else limit["value"]
        told[key] = value if limit["state"] == "set" else limit["state"]
        told[f"{key}_directory"], told[f"{key}_reason"] = limit["directory"], limit["reason"]
    for key, part in (("cpu", cpu), ("memory", memory), ("pids", pids)):
        told[f"{key}_version"] = part["group"]["version"]
    return told


class Chain:
    """Five groups, one in the other, in one hierarchy (v2) or in one a controller (v1)."""

    def __init__(self, tops, version):
        self.tops, self.version = tops, version  # controller: the directory in which ours begin
        name = f"toolkit-limits-{os.getpid()}"
        self.levels = {}
        for controller, top in tops.items():
            inside, self.levels[controller] = top, []
            for level in range(LEVELS):
                inside = inside / (name if level == 0 else f"level{level}")
                self.levels[controller].append(inside)
        for levels in self.levels.values():
            for level, directory in enumerate(levels):
                directory.mkdir(exist_ok=True)
                if version == 2 and level < LEVELS - 1:
                    (directory / "cgroup.subtree_control").write_text("+cpu +memory +pids")
                if (directory / "cpuset.cpus").exists() and version == 1:
                    for file in ("cpuset.cpus", "cpuset.mems"):
                        (directory / file).write_text((directory.parent / file).read_text())

    def remove(self):
        for levels in self.levels.values():
            for directory in reversed(levels):
                if directory.exists():
                    directory.rmdir()

    def enter(self):
        for levels in self.levels.values():
            (levels[-1] / "cgroup.procs").write_text(str(os.getpid()))

    def run(self, *command):
        return subprocess.run(list(map(str, command)), preexec_fn=self.enter, capture_output=True, text=True, check=False)

    def told(self, toolkit, *before):
        return flat(self.run(*before, toolkit, "env", "--json").stdout)


def write(path, value):
    """False when the kernel does not take it (a child may not have more than its parent on v1)."""
    try:
        path.write_text(str(value))
        return True
    except OSError:
        return False


def quota_of(directory, version):
    if version == 2:
        quota, period = (directory / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    quota = int((directory / "cpu.cfs_quota_us").read_text())
    return None if quota < 0 else quota / int((directory / "cpu.cfs_period_us").read_text())


def count_of(path):
    text = path.read_text().strip()
    return None if text == "max" or int(text) >= UNLIMITED else int(text)


MEMORY = {1: "memory.limit_in_bytes", 2: "memory.max"}


def tightest(directories, read):
    """The smallest limit, and every group that has it."""
    found = {directory: read(directory) for directory in directories}
    values = [value for value in found.values() if value is not None]
    if not values:
        return None, []
    return min(values), [str(directory) for directory, value in found.items() if value == min(values)]


def with_ancestors(directories):
    """Ours, and those above up to the hierarchy's root, which on v1 has files too."""
    outer = directories[0].parent
    above = []
    while (outer / "cgroup.procs").exists():
        above.append(outer)
        outer = outer.parent
    return directories + above


def wrongs(chain, toolkit):
    """How toolkit's words differ from the files of all groups."""
    told = chain.told(toolkit)
    expected = {}
    for key, controller, file in (("memory", "memory", MEMORY[chain.version]), ("pids", "pids", "pids.max")):
        groups = [g for g in with_ancestors(chain.levels[controller]) if (g / file).exists()]
        expected[key] = tightest(groups, lambda g, f=file: count_of(g / f))
    file = "cpu.max" if chain.version == 2 else "cpu.cfs_quota_us"
    groups = [g for g in with_ancestors(chain.levels["cpu"]) if (g / file).exists()]
    expected["cpu"] = tightest(groups, lambda g: quota_of(g, chain.version))
    for key, (value, directories) in expected.items():
        said, directory = told.get(key), told.get(f"{key}_directory")
        if value is None:
            if said != "unlimited":
                yield f"{key}: {said}, and no group has a limit ({told.get(key + '_reason')})"
        elif not isinstance(said, (int, float)) or abs(said - value) > 1e-6 * value or directory not in directories:
            yield f"{key}: {said} of {directory}, expected {value} of {directories}"
        if told.get(f"{key}_version") != chain.version:
            yield f"{key}: version {told.get(key + '_version')}, expected {chain.version}"


def random_write(chain, dice):
    level, kind = dice.randrange(LEVELS), dice.choice(("cpu", "memory", "pids"))
    directory = chain.levels[kind][level]
    free = dice.random() < 0.25
    if kind == "cpu" and chain.version == 2:
        period = dice.choice((50000, 100000, 250000))
        return write(directory / "cpu.max", f"{'max' if free else dice.randrange(20000, 400000)} {period}")
    if kind == "cpu":
        return write(directory / "cpu.cfs_quota_us", -1 if free else dice.randrange(20000, 400000))
    if kind == "memory":
        unlimited = "max" if chain.version == 2 else -1
        return write(directory / MEMORY[chain.version], unlimited if free else dice.randrange(16, 512) << 20)
    return write(directory / "pids.max", "max" if free else dice.randrange(50, 5000))


def measure_again_and_again(chain, toolkit, writes, seed):
    """Random writes, toolkit asked after each; what was wrong, and how many writes the kernel took."""
    dice, taken, complaints = random.Random(seed), 0, list(wrongs(chain, toolkit))
    for _ in range(writes):
        if random_write(chain, dice):
            taken += 1
            complaints += wrongs(chain, toolkit)
    return taken, complaints
