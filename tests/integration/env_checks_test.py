#!/usr/bin/env python3
"""The checks of `toolkit env` in places that are made for them: namespaces with their own hosts file, name server,
interfaces, ports, /dev/shm, limits and control groups. Each check is shown what it fears, and its opposite.

    env_checks_test.py TOOLKIT
"""
import ctypes
import json
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

NEW_MOUNTS, NEW_HOSTNAME, NEW_USERS, NEW_NETWORK = 0x20000, 0x4000000, 0x10000000, 0x40000000
BIND, RECURSIVE, PRIVATE = 4096, 16384, 1 << 18
LIBC = ctypes.CDLL(None, use_errno=True)
TOOLKIT = sys.argv[1]
TMP = pathlib.Path(tempfile.mkdtemp(prefix="toolkit-checks-"))
OWN, PEER = "10.77.0.1", "10.77.0.9"


class Skip(Exception):
    pass


# --- the place

def demand(result, what):
    if result != 0:
        raise Skip(f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source, target, kind, flags=0, options=None):
    demand(LIBC.mount(str(source).encode(), str(target).encode(), kind.encode(), flags,
                      options.encode() if options else None), f"mount {target}")


def lay_over(path, text):
    """A file with other words in it, for this place only."""
    beside = TMP / f"{os.getpid()}-{path.replace('/', '_')}"
    beside.write_text(text)
    if not os.path.exists(path):
        raise Skip(f"there is no {path} to lay over")
    mount(beside, path, "none", BIND)


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skip(f"ip {' '.join(words)}: {done.stderr.strip()}")


def set_kernel(name, value):
    pathlib.Path("/proc/sys", *name.split(".")).write_text(str(value))


def new_place():
    demand(LIBC.unshare(NEW_MOUNTS | NEW_NETWORK | NEW_HOSTNAME), "unshare")
    mount("none", "/", "none", PRIVATE | RECURSIVE)
    socket.sethostname("node0")
    ip("link", "set", "lo", "up")
    ip("link", "add", "eth7", "type", "veth", "peer", "name", "far7")
    ip("addr", "add", f"{OWN}/24", "dev", "eth7")
    for name in "far7", "eth7":
        ip("link", "set", name, "up")
    ip("neigh", "add", PEER, "lladdr", "02:00:00:00:00:09", "dev", "eth7")  # and nobody answers there
    lay_over("/etc/hosts", f"127.0.0.1 localhost\n{OWN} node0\n{PEER} node1\n")
    lay_over("/etc/resolv.conf", "nameserver 127.0.0.1\n")


class NameServer(threading.Thread):
    """Knows the names it is given. Others do not exist, but for silent.job, of which it says nothing."""

    def __init__(self, names):
        super().__init__(daemon=True)
        self.names, self.asked = names, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        self.start()

    def run(self):
        while True:
            query, asker = self.socket.recvfrom(512)
            end = query.index(0, 12)
            labels, at = [], 12
            while at < end:
                labels.append(query[at + 1:at + 1 + query[at]].decode())
                at += 1 + query[at]
            name, kind = ".".join(labels), query[end + 1:end + 3]
            self.asked.append(name)
            if name == "silent.job":
                continue
            address = self.names.get(name)
            known = address is not None and kind == b"\0\1"
            head = query[:2] + (b"\x81\x80" if address else b"\x81\x83") + b"\0\1" + (b"\0\1" if known else b"\0\0")
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(address) if known else b""
            self.socket.sendto(head + b"\0\0\0\0" + query[12:end + 5] + answer, asker)


def listener(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.bind((address, port))
    sock.listen(5)
    return sock


def job(rank=0, **changes):
    """One process on each of two nodes."""
    named = {"RANK": rank, "WORLD_SIZE": 2, "LOCAL_RANK": 0, "LOCAL_WORLD_SIZE": 1, "GROUP_RANK": rank,
             "GROUP_WORLD_SIZE": 2, "MASTER_ADDR": "node0", "MASTER_PORT": 23456, "TORCHELASTIC_RUN_ID": "x"}
    return {name: str(value) for name, value in (named | changes).items()}


def findings(variables, *options, prepare=None):
    done = subprocess.run([TOOLKIT, "env", "--check", "--json", *options], check=False, capture_output=True, timeout=60,
                          env={"PATH": "/usr/bin:/bin"} | variables, preexec_fn=prepare)
    assert done.returncode in (0, 1), done
    return {one["id"]: one for one in json.loads(done.stdout)["findings"]}


def expect(variables, check, status, *options, prepare=None):
    one = findings(variables, *options, prepare=prepare)[check]
    assert one["status"] == status, f"wanted {status}: {one}"
    return one


# --- the checks

def hostname_leads_to_loopback():
    expect(job(), "network.hostname_loopback", "pass")
    lay_over("/etc/hosts", f"127.0.0.1 localhost node0\n{OWN} node0\n")
    one = expect(job(), "network.hostname_loopback", "fail")
    assert "GLOO_SOCKET_IFNAME" in one["remedy"], one
    expect(job(GLOO_SOCKET_IFNAME="eth7"), "network.hostname_loopback", "warn")


def master_by_hosts_file_and_by_name_server():
    server = NameServer({"node0.job": OWN, "node1.job": PEER, "lo.job": "127.0.0.1"})
    expect(job(), "master.resolves", "pass", "--probe")
    for name, before, after in ("node0.job", "unknown", "pass"), ("none.job", "unknown", "fail"), \
                               ("silent.job", "unknown", "unknown"):
        variables = job(MASTER_ADDR=name)
        server.asked.clear()
        expect(variables, "master.resolves", before)
        assert not server.asked, "asked without --probe"
        expect(variables, "master.resolves", after, "--probe")
        assert name in server.asked, server.asked
    expect(job(MASTER_ADDR="node0.job"), "master.is_mine", "pass", "--probe")
    expect(job(MASTER_ADDR="node1.job"), "master.is_mine", "fail", "--probe")
    expect(job(MASTER_ADDR="lo.job"), "master.loopback", "fail", "--probe")
    expect(job(MASTER_ADDR="node1.job"), "master.loopback", "pass", "--probe")


def master_on_loopback():
    expect(job(MASTER_ADDR="localhost"), "master.loopback", "fail")
    expect(job(), "master.loopback", "pass")
    expect(job(MASTER_ADDR="node1"), "master.is_mine", "fail")
    expect(job(), "master.is_mine", "pass")


def master_answers_a_probe():
    expect(job(rank=1), "master.answers", "skip")
    expect(job(), "master.answers", "skip", "--probe")
    assert "yet" in expect(job(rank=1), "master.answers", "pass", "--probe")["title"]
    with listener(OWN, 23456) as sock:
        assert "listens" in expect(job(rank=1), "master.answers", "pass", "--probe")["title"]
        sock.settimeout(5)
        connection, _ = sock.accept()
        assert connection.recv(1) == b"", "a probe sends nothing"
        expect(job(rank=1), "master.answers", "skip")
        sock.settimeout(0.3)
        try:
            sock.accept()
            raise AssertionError("connected without --probe")
        except TimeoutError:
            pass
    began = time.monotonic()
    expect(job(rank=1, MASTER_ADDR=PEER), "master.answers", "warn", "--probe")
    assert time.monotonic() - began < 30


def port_is_busy():
    expect(job(), "port.busy", "pass")
    for address in "127.0.0.1", OWN, "0.0.0.0", "::", "::1":
        with listener(address, 23456):
            one = expect(job(), "port.busy", "fail")
            assert address in one["evidence"], one
    expect(job(), "port.busy", "pass")


def port_is_ephemeral():
    set_kernel("net.ipv4.ip_local_port_range", "20000 30000")
    expect(job(), "port.ephemeral", "warn")
    set_kernel("net.ipv4.ip_local_reserved_ports", "23450-23460")
    expect(job(), "port.ephemeral", "pass")
    set_kernel("net.ipv4.ip_local_reserved_ports", "")
    set_kernel("net.ipv4.ip_local_port_range", "32768 60999")
    expect(job(), "port.ephemeral", "pass")
    # What is made up by us keeps out of both.
    slurm = {"SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0", "SLURM_PROCID": "0", "SLURM_NTASKS": "1"}
    set_kernel("net.ipv4.ip_local_port_range", "10000 29999")
    made = json.loads(subprocess.run([TOOLKIT, "env", "--json"], env=slurm, capture_output=True, check=True).stdout)
    port = next(int(e["value"]) for e in made["exports"] if e["name"] == "MASTER_PORT")
    assert not 10000 <= port <= 29999, port


def nobody():
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)


def port_is_privileged():
    set_kernel("net.ipv4.ip_unprivileged_port_start", 1024)
    expect(job(MASTER_PORT=999), "port.privileged", "fail", prepare=nobody)
    expect(job(MASTER_PORT=999), "port.privileged", "pass")
    set_kernel("net.ipv4.ip_unprivileged_port_start", 0)
    expect(job(MASTER_PORT=999), "port.privileged", "pass", prepare=nobody)


def interfaces_by_name():
    for good in "eth7", "=eth7", "eth", "^lo":
        expect(job(NCCL_SOCKET_IFNAME=good), "nccl.ifname", "pass")
    for bad in "ib", "=eth", "^lo,eth,far":
        expect(job(NCCL_SOCKET_IFNAME=bad), "nccl.ifname", "fail")
    expect(job(GLOO_SOCKET_IFNAME="eth7"), "gloo.ifname", "pass")
    expect(job(GLOO_SOCKET_IFNAME="eth"), "gloo.ifname", "fail")
    ip("link", "set", "eth7", "down")
    expect(job(NCCL_SOCKET_IFNAME="eth7"), "nccl.ifname", "fail")
    expect(job(GLOO_SOCKET_IFNAME="eth7"), "gloo.ifname", "fail")


def shared_memory_is_small():
    mount("none", "/dev/shm", "tmpfs", options="size=64m")
    assert "64.0 MiB" in expect(job(), "shm.size", "warn")["title"]
    mount("none", "/dev/shm", "tmpfs", options="size=2g")
    expect(job(), "shm.size", "pass")


def memory_may_not_be_locked():
    expect(job(), "memlock.rdma", "skip")
    mount("none", "/sys/class", "tmpfs")
    port = pathlib.Path("/sys/class/infiniband/mlx5_0/ports/1")
    port.mkdir(parents=True)
    (port / "state").write_text("4: ACTIVE\n")

    def locked(limit):
        def prepare():
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (limit, limit))
            nobody()
        return prepare
    assert "mlx5_0" in expect(job(), "memlock.rdma", "fail", prepare=locked(65536))["evidence"]
    expect(job(), "memlock.rdma", "pass")  # CAP_IPC_LOCK
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (ValueError, OSError):
        return  # root without CAP_SYS_RESOURCE cannot show it
    expect(job(), "memlock.rdma", "pass", prepare=nobody)


def few_files_may_be_open():
    def files(soft):
        return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, 4096))
    assert "4096" in expect(job(), "nofile.soft", "warn", prepare=files(1024))["remedy"]
    expect(job(), "nofile.soft", "pass", prepare=files(1025))


class Group:
    """A group of version 1 for one controller, gone when we are."""

    def __init__(self, controller, **settings):
        own = [line.split(":", 2)[2].strip() for line in open("/proc/self/cgroup", encoding="utf-8")
               if controller in line.split(":")[1].split(",")]
        self.path = pathlib.Path("/sys/fs/cgroup", controller, own[0].strip("/") if own else "", TMP.name)
        self.home = self.path.parent
        try:
            self.path.mkdir()
            for name, value in settings.items():
                (self.path / f"{controller}.{name}").write_text(str(value))
        except OSError as error:
            raise Skip(f"no group of {controller}: {error}") from None

    def enter(self):
        (self.path / "tasks").write_text("0")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for _ in range(100):
            try:
                self.path.rmdir()
                return
            except OSError:
                time.sleep(0.05)


def few_threads_may_be_started():
    with Group("pids", max=3) as group:
        one = expect(job(), "pids.max", "warn", prepare=group.enter)
        assert TMP.name in one["evidence"], one
        (group.path / "pids.max").write_text("30000")
        expect(job(), "pids.max", "pass", prepare=group.enter)


def quota_stops_us():
    with Group("cpu", cfs_period_us=100000, cfs_quota_us=50000) as group:
        expect(job(), "cpu.throttled", "pass", prepare=group.enter)
        # So little that it is used up on a busy machine too.
        (group.path / "cpu.cfs_quota_us").write_text("5000")
        spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"], preexec_fn=group.enter)
        try:
            time.sleep(1)
            expect(job(), "cpu.throttled", "warn", prepare=group.enter)
        finally:
            spinner.kill()
            spinner.wait()


def threads_fit_the_cpus():
    one_cpu = lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    expect(job(OMP_NUM_THREADS=1), "omp.threads", "pass", prepare=one_cpu)
    expect(job(OMP_NUM_THREADS=2), "omp.threads", "warn", prepare=one_cpu)
    expect(job(LOCAL_WORLD_SIZE=2), "omp.threads", "pass", prepare=one_cpu)
    if len(os.sched_getaffinity(0)) > 1:
        expect(job(OMP_NUM_THREADS=2), "omp.threads", "pass")
        expect(job(LOCAL_WORLD_SIZE=2), "omp.threads", "warn")


def memory_is_swapped():
    now = pathlib.Path("/proc/meminfo").read_text(encoding="utf-8")
    for swap, status in ("8388604", "warn"), ("0", "pass"):
        words = [f"SwapTotal: {swap} kB" if line.startswith("SwapTotal") else line for line in now.splitlines()]
        lay_over("/proc/meminfo", "\n".join(words) + "\n")  # as lxcfs does
        expect(job(), "memory.swap", status)


def killer_has_been_here():
    with Group("memory", limit_in_bytes=32 << 20) as group:
        expect(job(), "memory.oom_kills", "pass", prepare=group.enter)
        eater = subprocess.Popen([sys.executable, "-c", "b = bytearray(200 << 20)"], preexec_fn=group.enter)
        assert eater.wait() == -signal.SIGKILL
        expect(job(), "memory.oom_kills", "warn", prepare=group.enter)


def as_root_of(outer):
    """Root of a new user namespace, who is `outer` outside of it."""
    def prepare():
        ready, go = os.pipe(), os.pipe()
        mapper = os.fork()
        if mapper == 0:
            os.read(ready[0], 1)
            for name in "uid_map", "gid_map":
                pathlib.Path(f"/proc/{os.getppid()}/{name}").write_text(f"0 {outer} 1")
            os._exit(0)
        assert LIBC.unshare(NEW_USERS) == 0
        os.write(ready[1], b"x")
        os.waitpid(mapper, 0)
        for fd in ready + go:
            os.close(fd)
    return prepare


def root_is_the_machines_root():
    expect(job(), "user.root", "pass", prepare=nobody)
    expect(job(), "user.root", "warn", prepare=as_root_of(0))
    expect(job(), "user.root", "pass", prepare=as_root_of(100000))


CASES = [hostname_leads_to_loopback, master_by_hosts_file_and_by_name_server, master_on_loopback, master_answers_a_probe,
         port_is_busy, port_is_ephemeral, port_is_privileged, interfaces_by_name, shared_memory_is_small,
         memory_may_not_be_locked, few_files_may_be_open, few_threads_may_be_started, quota_stops_us,
         threads_fit_the_cpus, memory_is_swapped, killer_has_been_here, root_is_the_machines_root]


def in_own_place(case):
    child = os.fork()
    if child != 0:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        new_place()
        case()
        code = 0
    except Skip as why:
        print(f"skipped: {case.__name__}: {why}")
        code = 77
    except BaseException:  # pylint: disable=broad-except
        print(f"FAILED: {case.__name__}")
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main():
    wanted = sys.argv[2:]
    codes = {case.__name__: in_own_place(case) for case in CASES if not wanted or case.__name__ in wanted}
    for path in TMP.iterdir():
        path.unlink()
    TMP.rmdir()
    shown = sum(code == 0 for code in codes.values())
    print(f"{shown} of {len(codes)} checks shown what they fear and its opposite")
    if any(code not in (0, 77) for code in codes.values()):
        return 1
    return 0 if shown else 77


sys.exit(main())
