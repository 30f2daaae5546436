"""A random state of a process: everything that fork and exec hand on, drawn from one seed."""
import dataclasses
import fcntl
import os
import random
import resource
import signal
import socket

import raw

CAP_SYS_NICE, CAP_SYS_RESOURCE = 23, 24  # capabilities(7)
CATCHABLE = [n for n in range(1, 65) if n not in (signal.SIGKILL, signal.SIGSTOP)]
NOBODY = 65534  # of Debian, Red Hat and Alpine alike


@dataclasses.dataclass
class State:
    ignored: list
    blocked: int
    descriptors: dict  # target number to a descriptor of the lab
    closed: list       # of the standard ones
    directory: str
    vanished: bool     # the directory is removed once we are in it
    umask: int
    nice: int
    scheduler: int
    limits: dict
    environment: list
    oom_score_adj: int
    timer_slack: int
    core_filter: str
    cpus: set
    groups: list
    unprivileged: bool
    no_new_privileges: bool


def capable(bit):
    with open("/proc/self/status", encoding="ascii") as file:
        effective = next(line for line in file if line.startswith("CapEff"))
    return int(effective.split()[1], 16) >> bit & 1 == 1


def draw(random_source, pool, folders):
    """A state; `pool` are descriptors to inherit, `folders` directories to be in."""
    pick = random_source
    root = os.geteuid() == 0
    limits = draw_limits(pick)
    highest = limits[resource.RLIMIT_NOFILE][1] - 1
    numbers = pick.sample(range(3, 20), pick.randint(0, 6)) + pick.sample(range(20, highest), pick.randint(0, 6))
    if pick.random() < 0.3:
        numbers.append(highest)
    return State(
        ignored=pick.sample(CATCHABLE, pick.choice([0, 1, 3, 10, 40])),
        blocked=draw_mask(pick),
        descriptors={number: pick.choice(pool) for number in numbers},
        closed=pick.choice([[], [], [], [0], [2], [0, 2]]),
        directory=pick.choice(folders),
        vanished=pick.random() < 0.05,
        umask=pick.randint(0, 0o777),
        nice=pick.randint(-20 if capable(CAP_SYS_NICE) else 0, 19),
        scheduler=pick.choice([os.SCHED_OTHER, os.SCHED_OTHER, os.SCHED_BATCH, os.SCHED_IDLE]),
        limits=limits,
        environment=draw_environment(pick),
        oom_score_adj=pick.randint(-1000 if capable(CAP_SYS_RESOURCE) else 200, 1000),
        timer_slack=pick.choice([50_000, 1, 1_000_000]),
        core_filter=pick.choice(["0x33", "0x0", "0x7f"]),
        cpus=set(pick.sample(sorted(os.sched_getaffinity(0)), pick.randint(1, len(os.sched_getaffinity(0))))),
        groups=pick.sample(range(1, 60000), pick.randint(0, 5)),
        unprivileged=root and pick.random() < 0.3,
        no_new_privileges=pick.random() < 0.3)


def draw_mask(pick):
    kind = pick.randint(0, 3)
    bits = [0, pick.getrandbits(64), pick.getrandbits(64) & pick.getrandbits(64), ~0][kind]
    return bits & 0xFFFFFFFFFFFFFFFF


def draw_limits(pick):
    def up_to(least, most):
        hard = pick.randint(least, most)
        return (pick.randint(least, hard), hard)
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    mega = 1 << 20
    limits = {
        resource.RLIMIT_NOFILE: up_to(32, 4096),
        resource.RLIMIT_CORE: pick.choice([(0, 0), up_to(0, 1 << 40), unlimited]),
        resource.RLIMIT_FSIZE: pick.choice([up_to(0, 1 << 40), unlimited]),
        resource.RLIMIT_STACK: pick.choice([up_to(mega, 64 * mega), unlimited]),
        resource.RLIMIT_DATA: pick.choice([up_to(512 * mega, 1 << 40), unlimited]),
        resource.RLIMIT_AS: pick.choice([up_to(1 << 30, 1 << 40), unlimited]),
        resource.RLIMIT_CPU: pick.choice([up_to(1000, 100000), unlimited]),
        resource.RLIMIT_MEMLOCK: up_to(0, 1 << 30),
        resource.RLIMIT_SIGPENDING: up_to(100, 10000),
        resource.RLIMIT_MSGQUEUE: up_to(0, 1 << 20),
        resource.RLIMIT_NPROC: up_to(20000, 30000),
        resource.RLIMIT_RTPRIO: up_to(0, 99),
        resource.RLIMIT_NICE: up_to(0, 40),
    }
    return limits


def draw_environment(pick):
    entries = [b"PATH=/usr/bin:/bin", b"HOME=/nowhere", b"LANG=de_DE.UTF-8"]
    odd = [b"", b"=value without a name", b"no assignment at all", b"EMPTY=", b"TWICE=1", b"TWICE=2",
           b"BYTES=\xff\xfe\x80\x01", b"LINES=one\ntwo", b"EQUALS=a=b=c", b"with space=1", b"PATH=/second",
           b"LONG=" + b"x" * 100_000, b"LD_PRELOAD=", b"TERM=", b"NO_COLOR=1", b"MALLOC_ARENA_MAX=1",
           b"GLIBC_TUNABLES=glibc.malloc.check=0", b"RANK=3", b"BASH_FUNC_f%%=() { :; }"]
    entries += pick.sample(odd, pick.randint(0, len(odd)))
    pick.shuffle(entries)
    return entries


def make_pool(folder):
    """Descriptors of every kind, opened once, so that two processes inherit the same objects."""
    path = os.path.join(folder, "file")
    with open(path, "wb") as file:
        file.write(bytes(1000))
    append = os.open(path, os.O_WRONLY | os.O_APPEND)
    moved = os.open(path, os.O_RDWR)
    os.lseek(moved, 123, os.SEEK_SET)
    busy = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    left, right = socket.socketpair()
    pair = [left.detach(), right.detach()]
    event = os.eventfd(0) if hasattr(os, "eventfd") else os.open("/dev/zero", os.O_RDONLY)
    pool = [append, moved, busy, *pair, event, *os.pipe(), os.open(folder, os.O_RDONLY), os.open("/dev/null", os.O_RDWR)]
    # Out of the way of the numbers that a state gives them.
    return [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 5000) for fd in pool]


def apply(state):
    """Puts the calling process into the state. Its standard descriptors are in place already."""
    for number, fd in state.descriptors.items():
        os.dup2(fd, number)
    for number in state.closed:
        os.close(number)
    os.chdir(state.directory)
    if state.vanished:
        os.mkdir("vanishing")
        os.chdir("vanishing")
        os.rmdir(os.path.join(state.directory, "vanishing"))
    os.umask(state.umask)
    os.sched_setaffinity(0, state.cpus)
    write("/proc/self/oom_score_adj", str(state.oom_score_adj))
    write("/proc/self/coredump_filter", state.core_filter)
    raw.prctl(raw.PR_SET_TIMERSLACK, state.timer_slack)
    os.sched_setscheduler(0, state.scheduler, os.sched_param(0))
    os.setpriority(os.PRIO_PROCESS, 0, state.nice)
    for number, limits in state.limits.items():
        hard = resource.getrlimit(number)[1]
        if hard == resource.RLIM_INFINITY or limits[1] <= hard:
            resource.setrlimit(number, limits)
    if state.unprivileged:
        os.setgroups(state.groups)
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    if state.no_new_privileges:
        raw.prctl(raw.PR_SET_NO_NEW_PRIVS, 1)
    for number in CATCHABLE:
        raw.set_disposition(number, raw.SIG_IGN if number in state.ignored else raw.SIG_DFL)
    raw.set_mask(state.blocked)


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def source(seed):
    return random.Random(seed)
