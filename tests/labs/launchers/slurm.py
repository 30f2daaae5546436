"""Slurm with three virtual nodes on this machine: munged, slurmctld and a slurmd a node, all of them on
loopback, with every file below one folder. Needs root and the packages munge, slurmctld, slurmd, slurm-client.
"""
import os
import shutil
import signal
import socket
import subprocess
import time

NODES = ["n01", "n02", "n03"]
PROGRAMS = ["munged", "slurmctld", "slurmd", "srun", "sbatch", "salloc", "scontrol", "scancel", "squeue"]
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
CONFIGURATION = """
ClusterName=lab
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=2,batch_sched_delay=0
ReturnToService=2
MpiDefault=none
GresTypes=gpu
NodeName=n[01-03] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{first}-{last}] CPUs=4 Gres=gpu:2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def ports_in_a_row(count):
    """The first of so many that are free now."""
    for first in range(26800, 30000, count):
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            pass
    raise RuntimeError("no free ports")


def why_not():
    missing = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    if missing:
        return f"no {', '.join(missing)}"
    mounts = subprocess.run(["unshare", "-m", "true"], capture_output=True, text=True, check=False)
    return "needs root" if os.geteuid() != 0 else mounts.stderr.strip()


class Slurm:
    def __init__(self, folder):
        self.folder, self.running = folder, []
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("SLURM_", "SBATCH_"))}
        self.environment.update(SLURM_CONF=str(folder / "slurm.conf"), PATH=PATH)

    def start(self, name, *command):
        with open(self.folder / f"{name}.log", "wb") as log:
            self.running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                 env=self.environment))

    def __enter__(self):
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)
        (self.folder / "state").mkdir()
        first = ports_in_a_row(4)
        host = socket.gethostname().split(".")[0]
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=host, folder=self.folder, port=first, first=first + 1, last=first + 3))
        (self.folder / "gres.conf").write_text("Name=gpu File=/dev/tty[0-1]\n")  # any two devices do
        # The tasks shall find each other by the names of their nodes, and only they.
        (self.folder / "hosts").write_text("".join(f"127.0.0.1 {name}\n" for name in ["localhost", host, *NODES]))
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        try:
            self.start("munged", "munged", "--foreground", "--force", f"--key-file={key}",
                       *(f"--{what}-file={self.folder}/munge.{what}" for what in ("pid", "log", "seed")),
                       f"--socket={self.folder}/munge.socket")
            self.wait_for("munged", lambda: (self.folder / "munge.socket").exists())
            self.start("slurmctld", "slurmctld", "-D", "-f", self.folder / "slurm.conf")
            for node in NODES:
                self.start(f"slurmd.{node}", "unshare", "-m", "sh", "-c", 'mount --bind "$1" /etc/hosts && shift && exec "$@"',
                           "-", self.folder / "hosts", "slurmd", "-D", "-N", node, "-f", self.folder / "slurm.conf")
            self.wait_for("the nodes", lambda: self.run("sinfo", "-h", "-o", "%T %D").stdout.split() == ["idle", "3"])
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_for(self, what, holds, seconds=60):
        end = time.monotonic() + seconds
        while not holds():
            dead = [process.args[0] for process in self.running if process.poll() is not None]
            if dead or time.monotonic() > end:
                logs = "".join(f"{log.name}: {log.read_text(errors='replace')[-600:]}\n" for log in self.folder.glob("*.log"))
                raise RuntimeError(f"{what}: not there in {seconds} s; ended: {dead}\n{logs}")
            time.sleep(0.1)

    def run(self, *command, **more):
        return subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, timeout=180, env={**self.environment, **more})

    def __exit__(self, *_):
        """Jobs first, so that no slurmstepd outlives its slurmd; then backwards."""
        if len(self.running) > 1:
            self.run("scancel", "--user", "root")
            try:
                self.wait_for("the end of the jobs", lambda: not self.run("squeue", "-h").stdout, 30)
            except RuntimeError as error:
                print(error)
        for process in reversed(self.running):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
