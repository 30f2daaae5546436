"""SSH servers of a test's own on loopback, with their keys and accounts, and the client's home."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

SSHD = "/usr/sbin/sshd"


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def wait_for_port(port, process, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens at {port}")


def make_key(path, kind="ed25519", passphrase=""):
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", path], check=True)
    return path


class Server:
    """Something that listens; ended by its own pid."""

    def __init__(self, argv, port, log):
        self.port = port
        with open(log, "ab") as words:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=words, stderr=words)
        wait_for_port(port, self.process)

    def sessions(self):
        """The pids below, the ones that were forked last at the end."""
        found, parents = [], [self.process.pid]
        while parents:
            parent = parents.pop(0)
            listed = pathlib.Path(f"/proc/{parent}/task/{parent}/children")
            children = [int(word) for word in listed.read_text().split()] if listed.exists() else []
            found += children
            parents += children
        return found

    def signal_sessions(self, number):
        for pid in self.sessions():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def end(self):
        self.signal_sessions(signal.SIGKILL)
        self.process.kill()
        self.process.wait()


class Site:
    """A work folder with keys, and the servers that trust them."""

    def __init__(self, work):
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        work.chmod(0o755)
        self.work, self.servers = work, []
        self.host_key = make_key(work / "hostkey")
        self.keys = {kind: make_key(work / f"id_{kind}", kind) for kind in ("ed25519", "ecdsa", "rsa")}
        self.locked = make_key(work / "id_locked", passphrase="secret")
        self.stranger = make_key(work / "id_stranger")
        self.authorized = work / "authorized_keys"
        trusted = [*self.keys.values(), self.locked]
        self.authorized.write_text("".join(key.with_suffix(".pub").read_text() for key in trusted))
        self.authorized.chmod(0o644)

    def add(self, server):
        self.servers.append(server)
        return server

    def sshd(self, host_key=None, port=None):
        port = port or free_port()
        config = self.work / f"sshd_{port}.conf"
        config.write_text(f"""Port {port}
ListenAddress 127.0.0.1
HostKey {host_key or self.host_key}
AuthorizedKeysFile {self.authorized}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
MaxSessions 100
MaxStartups 100
Subsystem sftp internal-sftp
Match User nobody
  ForceCommand internal-sftp
""")
        os.makedirs("/run/sshd", exist_ok=True)
        return self.add(Server([SSHD, "-D", "-f", str(config), "-E", str(self.work / "sshd.log")], port,
                               self.work / "sshd.log"))

    def rclone(self, folder):
        port = free_port()
        folder.mkdir()
        return self.add(Server(["rclone", "--config", "/dev/null", "serve", "sftp", "--addr", f"127.0.0.1:{port}",
                                "--user", "root", "--authorized-keys", str(self.authorized), "--key",
                                str(self.host_key), str(folder)], port, self.work / "rclone.log"))

    def home(self, name, *keys):
        """A home directory with these keys, named as ssh looks for them."""
        ssh = self.work / name / ".ssh"
        ssh.mkdir(parents=True)
        for key in keys:
            kind = key.name.replace("locked", "ed25519").replace("stranger", "ed25519")
            shutil.copy(key, ssh / kind)
            shutil.copy(key.with_suffix(".pub"), ssh / f"{kind}.pub")
        return ssh.parent

    def end(self):
        for server in self.servers:
            server.end()
