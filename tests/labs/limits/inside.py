"""The first process of the lab's kernel: cgroup v2, five levels deep."""
import ctypes
import errno
import os
import pathlib
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import enforced  # noqa: E402
import groups  # noqa: E402

TOOLKIT, LOAD, FOLDER = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
CGROUP = pathlib.Path("/sys/fs/cgroup")
LIBC = ctypes.CDLL(None, use_errno=True)
MIB = 1 << 20


def say(text):
    with open(FOLDER / "results", "a", encoding="utf-8") as results:
        results.write(text + "\n")


def cpu_settings(chain):
    """This kernel has one CPU, so quotas of more than that bind nothing. Levels, each with its quota or quota and period."""
    settings = ({4: 10000}, {4: 20000}, {4: 35000}, {4: 50000}, {4: 75000}, {4: 150000}, {4: (20000, 50000)}, {4: (150000, 250000)},
                {1: 60000}, {0: 80000, 2: 40000}, {0: 30000, 4: 90000})
    for quotas in settings:
        claimed, binding, got = enforced.cpu_claim(chain, LOAD, TOOLKIT, quotas)
        say(f"{'' if enforced.is_true(claimed, got, 0.1) else 'WRONG '}v2 CPUs, quotas by level {quotas}: claimed {claimed:.3f} "
            f"({binding}), got {got:.3f}")
    return len(settings)


def memory_settings(chain):
    before, settings = 0, ((4, 48), (4, 96), (2, 64), (0, 128))
    for level, mebibytes in settings:
        claimed, touched, code, kills = enforced.memory_claim(chain, TOOLKIT, LOAD, level, mebibytes * MIB, FOLDER)
        right = code == -9 and kills == before + 1 and enforced.is_true(claimed, touched, 0.05)
        before = kills
        say(f"{'' if right else 'WRONG '}v2 memory at level {level}: claimed {claimed / MIB:.1f} MiB, killed with "
            f"{touched / MIB:.1f} MiB, {kills} kills counted, ended with {code}")
    return len(settings)


def main():
    for kind, point in (("proc", "/proc"), ("sysfs", "/sys"), ("cgroup2", CGROUP)):
        if LIBC.mount(kind.encode(), str(point).encode(), kind.encode(), 0, None) != 0 and ctypes.get_errno() != errno.EBUSY:
            raise OSError(ctypes.get_errno(), f"mount {kind}")
    (CGROUP / "cgroup.subtree_control").write_text("+cpu +memory +pids")
    chain = groups.Chain({controller: CGROUP for controller in ("cpu", "memory", "pids")}, 2)
    taken, complaints = groups.measure_again_and_again(chain, TOOLKIT, 60, 5)
    for complaint in complaints:
        say("WRONG v2: " + complaint)
    say(f"v2: {taken} writes to five levels, measured again after each")
    for directory in chain.levels["memory"]:
        (directory / "memory.max").write_text("max")
    (chain.levels["pids"][0] / "pids.max").write_text("max")
    for directory in chain.levels["cpu"]:
        enforced.set_quota(directory, 2, None)
    count = memory_settings(chain) + cpu_settings(chain)
    say(f"{count} settings enforced by v2")
    say("done")


try:
    main()
except BaseException:  # the kernel panics when its first process ends
    say("WRONG " + traceback.format_exc())
finally:
    os.sync()
    LIBC.reboot(0x4321FEDC)  # LINUX_REBOOT_CMD_POWER_OFF
