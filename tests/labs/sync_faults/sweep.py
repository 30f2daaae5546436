#!/usr/bin/env python3
"""Every system call of a store in a directory fails once, in every way that it can.

Usage: sweep.py STORE_DRIVER WORK_DIRECTORY [EVERY]. Whatever fails: exit 0 means that the destination is
exactly what was asked for; else the old file, or of an append a true prefix of the new one, is there, the
error names what failed, and nothing is left lying about. EVERY: each so-manieth case only.
"""
import pathlib
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "faults"))
import tracing  # noqa: E402

OLD = b"old bytes\n" * 100
NEW = OLD + bytes(range(1, 251)) * 1200  # 300 kB: two buffers, and no NUL
SMALL = b"a small file\n"
ERRNOS = ["ENOSPC", "EIO", "EINTR", "EACCES", "EPERM", "ENOSYS", "EXDEV", "EMFILE", "ESTALE"]
# What EINTR means nothing to: they are not interruptible, and are not tried again.
NEVER_INTERRUPTED = {"fstat", "newfstatat", "fchmod", "utimensat", "mmap", "munmap", "getrandom", "lseek", "fchdir",
                     "unlinkat", "linkat", "renameat", "mkdirat", "getdents64", "readlinkat", "mkdir"}
# Before main, or not the store's.
NOT_OURS = {"mmap", "munmap", "readlink", "getrandom", "uname", "prlimit64", "write", "rt_sigaction", "access",
            "set_robust_list", "fcntl"}


class Scenario:
    def __init__(self, name, arguments, before, after, prefix=False):
        self.name, self.arguments, self.before, self.after, self.prefix = name, arguments, before, after, prefix


SCENARIOS = [
    Scenario("put", ["put", "a/x", "NEW"], {}, {"a/x": NEW}),
    Scenario("put over", ["put", "a/x", "NEW"], {"a/x": OLD}, {"a/x": NEW}),
    Scenario("put many", ["put-many", "a/x", "SMALL", "a/y", "SMALL", "b/z", "SMALL"], {"a/x": OLD},
             {"a/x": SMALL, "a/y": SMALL, "b/z": SMALL}),
    Scenario("append", ["append", "a/x", str(len(OLD)), "NEW"], {"a/x": OLD}, {"a/x": NEW}, True),
    Scenario("append to nothing", ["append", "a/x", "0", "NEW"], {}, {"a/x": NEW}, True),
    Scenario("create", ["create", "claim", "mine"], {}, {"claim": b"mine"}),
    Scenario("replace", ["replace", "claim", "his", "mine"], {"claim": b"his"}, {"claim": b"mine"}),
    Scenario("rename", ["rename", "a/x", "b/y"], {"a/x": OLD}, {"b/y": OLD}),
    Scenario("remove", ["remove", "a/x"], {"a/x": OLD}, {}),
]


def contents(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


class Lab:
    def __init__(self, driver, work):
        self.driver, self.work = driver, work
        for name, data in (("NEW", NEW), ("SMALL", SMALL)):
            (work / name).write_bytes(data)

    def run(self, scenario, folder, inject=None):
        root = folder / "dest"
        shutil.rmtree(folder, ignore_errors=True)
        root.mkdir(parents=True)
        for name, data in scenario.before.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        words = [str(self.work / word) if word in ("NEW", "SMALL") else word for word in scenario.arguments]
        trace = folder / "trace"
        done = subprocess.run([*tracing.command(trace, False, inject), self.driver, str(root), *words],
                              capture_output=True, timeout=60, check=False)
        return done, contents(root), trace.read_text(errors="replace")

    def cases(self, scenario, folder):
        done, there, trace = self.run(scenario, folder)
        assert done.returncode == 0 and there == scenario.after, (scenario.name, done, list(there))
        for kind, count in sorted(tracing.calls(trace).items()):
            if kind in NOT_OURS:
                continue
            for error in ERRNOS:
                if error == "EINTR" and kind in NEVER_INTERRUPTED:
                    continue
                yield from ((kind, error, when) for when in range(1, count + 1))


def is_allowed(scenario, name, data):
    """Whether a file may be there like this after a failure."""
    if data in (scenario.before.get(name), scenario.after.get(name)):
        return True
    old, new = scenario.before.get(name, b""), scenario.after.get(name)
    return scenario.prefix and new is not None and new.startswith(data) and len(data) >= len(old)


def complaint(scenario, inject, done, there, trace):
    if not tracing.injected(trace):
        return None  # another path this time: nothing was tried
    if done.returncode < 0 or done.returncode > 128:
        return f"died: {done.returncode} {done.stderr[-200:]}"
    drafts = [name for name in there if ".toolkit-" in name]
    if drafts and inject[0] != "unlinkat":
        return f"left behind: {drafts}"
    there = {name: data for name, data in there.items() if name not in drafts}
    if done.returncode == 0:
        return None if there == scenario.after else f"says done, and it is not: {[*there]}"
    wrong = [name for name, data in there.items() if not is_allowed(scenario, name, data)]
    if wrong:
        return f"damaged: {wrong}"
    lost = [name for name in scenario.before if name not in there and name in scenario.after]
    if lost:
        return f"lost: {lost}"
    line = done.stderr.decode(errors="replace").split("\n")[0]
    return None if ": cannot " in line else f"an error without words: {line!r}"


def main():
    driver, work = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    every = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    if tracing.version() is None:
        print("skipped: strace is not installed")
        return 77
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    lab, failures, tried = Lab(driver, work), [], 0

    def one(numbered):
        number, (scenario, inject) = numbered
        done, there, trace = lab.run(scenario, work / f"case{number}", inject)
        words = complaint(scenario, inject, done, there, trace)
        shutil.rmtree(work / f"case{number}", ignore_errors=True)
        return f"{scenario.name}, {inject[0]} number {inject[2]}: {inject[1]}: {words}" if words else None

    with ThreadPoolExecutor(2) as pool:
        cases = [(scenario, inject) for scenario in SCENARIOS for inject in lab.cases(scenario, work / "trial")]
        chosen = list(enumerate(cases[::every]))
        tried = len(chosen)
        failures = [words for words in pool.map(one, chosen) if words]
    print("\n".join(failures))
    print(f"{tried} faults in {len(SCENARIOS)} scenarios, {len(failures)} wrong")
    return 1 if failures or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
