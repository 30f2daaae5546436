"""What the kernel gives a load, beside what `toolkit env` claims that it will: CPUs and memory, v1 or v2."""
import pathlib

import groups


def set_quota(directory, version, quota, period=100000):
    """Microseconds of each period; None is no limit."""
    if version == 2:
        return groups.write(directory / "cpu.max", f"{'max' if quota is None else quota} {period}")
    return groups.write(directory / "cpu.cfs_quota_us", -1 if quota is None else quota)


def cpu_claim(chain, load, toolkit, quotas, before=(), seconds=1.5):
    """Claimed CPUs with quotas at these levels, what binds them, and the CPUs that spinning threads got."""
    for level, quota in quotas.items():
        set_quota(chain.levels["cpu"][level], chain.version, *(quota if isinstance(quota, tuple) else (quota,)))
    told = chain.told(toolkit, *before)
    got = max(float(chain.run(*before, load, "spin", 3, seconds).stdout) for _ in range(2))
    for level in range(groups.LEVELS - 1, -1, -1):
        set_quota(chain.levels["cpu"][level], chain.version, None)
    return told["effective"], told["binding"], got


def is_true(claimed, got, part):
    """Whether what was got differs from the claim by no more than this part of it."""
    return abs(got - claimed) <= part * claimed


def memory_claim(chain, toolkit, load, level, limit, folder):
    """Claimed bytes, and the bytes that a growing process had when the kernel killed it."""
    directory = chain.levels["memory"][level]
    groups.write(directory / groups.MEMORY[chain.version], limit)
    if chain.version == 2:
        groups.write(directory / "memory.swap.max", 0)
    claimed = chain.told(toolkit)["memory"]
    counter = pathlib.Path(folder) / "count"
    counter.unlink(missing_ok=True)
    ended = chain.run(load, "grow", counter, limit * 4)
    touched = int.from_bytes(counter.read_bytes()[:8], "little")
    told = chain.told(toolkit)
    groups.write(directory / groups.MEMORY[chain.version], "max" if chain.version == 2 else -1)
    return claimed, touched, ended.returncode, told["oom_kills"]
