"""A Slurm of three virtual nodes on loopback, below one directory, ended by process number."""
import os
import pathlib
import shutil
import socket
import subprocess
import time

NODES = ("n01", "n02", "n03")
PROGRAMS = ("munged", "slurmctld", "slurmd", "srun", "sbatch", "salloc")
# The nodes' names, for what runs on them alone.
IN_HOSTS = ("unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"')
# Debian builds slurmd for several on one host (MULTIPLE_SLURMD).
CONFIGURATION = """\
ClusterName=lab
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SelectType=select/cons_tres
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
{nodes}
PartitionName=lab Nodes=n[01-03] Default=YES State=UP OverSubscribe=FORCE:4
"""


def missing():
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return [name for name in PROGRAMS if not shutil.which(name, path=path)]


def free_ports(count):
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


class Cluster:
    def __init__(self, folder):
        self.folder, self.daemons = pathlib.Path(folder), []
        self.environment = dict(os.environ, SLURM_CONF=f"{folder}/slurm.conf",
                                PATH=os.environ["PATH"] + ":/usr/sbin:/sbin")

    def start(self, *words):
        with open(self.folder / "daemons.log", "ab") as log:
            self.daemons.append(subprocess.Popen(words, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                                                 stderr=log))

    def __enter__(self):
        folder, host, ports = self.folder, socket.gethostname(), free_ports(1 + len(NODES))
        (folder / "state").mkdir()
        nodes = "\n".join(f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=2"
                          for name, port in zip(NODES, ports[1:]))
        (folder / "slurm.conf").write_text(CONFIGURATION.format(folder=folder, host=host, ports=ports, nodes=nodes))
        hosts = folder / "hosts"
        hosts.write_text(pathlib.Path("/etc/hosts").read_text() + f"127.0.0.1 {' '.join(NODES)}\n")
        key = folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self.start("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={folder}/munge.socket",
                   f"--pid-file={folder}/munge.pid", f"--log-file={folder}/munge.log", f"--seed-file={folder}/munge.seed")
        self.wait(lambda: (folder / "munge.socket").exists())
        self.start("slurmctld", "-D", "-f", f"{folder}/slurm.conf")
        for name in NODES:
            self.start(*IN_HOSTS, hosts, "slurmd", "-D", "-f", f"{folder}/slurm.conf", "-N", name)
        self.wait(lambda: self.run("srun", "-N3", "-n3", "-I5", "true").returncode == 0)
        return self

    def __exit__(self, *_):
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def wait(self, ready, seconds=60):
        end = time.monotonic() + seconds
        while not ready():
            dead = [daemon.args[0] for daemon in self.daemons if daemon.poll() is not None]
            if dead or time.monotonic() > end:
                logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in self.folder.glob("*.log"))
                raise RuntimeError(f"Slurm does not start, ended: {dead}\n{logs}")
            time.sleep(0.2)

    def run(self, *words, **variables):
        return subprocess.run(words, check=False, env=self.environment | variables, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60, text=True)
