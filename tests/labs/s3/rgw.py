"""A Ceph RADOS gateway on loopback: one monitor, one OSD that keeps everything in memory, one radosgw.

Nothing of the machine's own is used: configuration, keys and sockets lie in the folder that is given. Up in
about 12 s and 120 MB. Without the gc lines deleted data would fill the memory store. TLS beside plain HTTP
where a certificate is given.
"""
import glob
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid

PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph-authtool", "monmaptool")

CONFIGURATION = """[global]
fsid={fsid}
mon host=v2:127.0.0.1:{monitor}/0
keyring={folder}/keyring
public addr=127.0.0.1
cluster addr=127.0.0.1
ms bind ipv6=false
osd pool default size=1
osd pool default min size=1
osd pool default pg num=8
osd pool default pgp num=8
osd pool default pg autoscale mode=off
osd crush chooseleaf type=0
osd objectstore=memstore
memstore device bytes=8589934592
osd data={folder}/osd
osd class dir={classes}
mon data={folder}/mon
run dir={folder}/run
log file={folder}/log/$name.log
pid file={folder}/run/$name.pid
admin socket={folder}/run/$name.asok
mon allow pool size one=true
mon data avail crit=1
mon max pg per osd=1000
[client.rgw]
rgw frontends=beast endpoint=127.0.0.1:{port}{tls}
rgw gc obj min wait=2
rgw gc processor period=5
rgw crypt require ssl=false
"""

# Where Debian puts them; the OSD of Debian 13 looks for them below its current folder.
CLASSES = "/usr/lib/*/rados-classes"


def missing():
    """The programs that are not installed."""
    return [name for name in PROGRAMS if not shutil.which(name)]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Gateway:
    ACCESS, SECRET = "testkey123", "testsecret456"

    def __init__(self, folder, certificate=None):
        """`certificate`: the paths of a certificate and of its key."""
        self.folder = os.path.join(folder, "rgw")
        self.monitor, self.port, self.tls_port = free_ports(3)
        self.certificate = certificate
        self.pids = {}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def tls_url(self):
        return f"https://127.0.0.1:{self.tls_port}"

    def tls_words(self):
        if not self.certificate:
            return ""
        return " ssl_endpoint=127.0.0.1:{} ssl_certificate={} ssl_private_key={}".format(self.tls_port, *self.certificate)

    def run(self, *argv, data=None):
        done = subprocess.run(argv, input=data, text=True, capture_output=True, cwd=self.folder, check=False, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"{argv[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        for name in ("mon", "osd", "log", "run"):
            os.makedirs(os.path.join(self.folder, name))
        fsid, osd = str(uuid.uuid4()), str(uuid.uuid4())
        with open(os.path.join(self.folder, "ceph.conf"), "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(fsid=fsid, monitor=self.monitor, folder=self.folder, port=self.port,
                                            classes=(glob.glob(CLASSES) or ["/usr/lib/rados-classes"])[0],
                                            tls=self.tls_words()))
        key = ("ceph-authtool", "keyring", "--gen-key")
        self.run("ceph-authtool", "-C", "keyring", "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        self.run(*key, "-n", "client.admin", "--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *")
        self.run(*key, "-n", "client.rgw", "--cap", "mon", "allow rw", "--cap", "osd", "allow rwx", "--cap", "mgr", "allow rw")
        self.run(*key, "-n", "osd.0", "--cap", "mon", "allow profile osd", "--cap", "osd", "allow *", "--cap", "mgr",
                 "allow profile osd")
        self.run("monmaptool", "--create", "--clobber", "--fsid", fsid, "--addv", "a", f"[v2:127.0.0.1:{self.monitor}]", "monmap")
        conf = ("-c", "ceph.conf")
        self.run("ceph-mon", *conf, "--mkfs", "-i", "a", "--monmap", "monmap", "--keyring", "keyring")
        self.daemon("mon.a", "ceph-mon", *conf, "-i", "a")
        secret = self.run("ceph-authtool", "keyring", "-n", "osd.0", "-p").strip()
        self.run("ceph", *conf, "osd", "new", osd, "-i", "-", data=f'{{"cephx_secret":"{secret}"}}')
        self.run("ceph-osd", *conf, "-i", "0", "--mkfs", "--osd-uuid", osd)
        self.daemon("osd.0", "ceph-osd", *conf, "-i", "0")
        self.run("ceph", *conf, "auth", "import", "-i", "keyring")
        self.start_gateway()
        self.run("radosgw-admin", *conf, "user", "create", "--uid=t", "--display-name=t", f"--access-key={self.ACCESS}",
                 f"--secret-key={self.SECRET}")

    def daemon(self, name, *argv):
        """A program that goes into the background by itself and leaves its pid."""
        self.run(*argv)
        self.pids[name] = self.pid_of(name)

    def pid_of(self, name):
        end = time.monotonic() + 30
        while True:
            try:
                with open(os.path.join(self.folder, "run", f"{name}.pid"), encoding="ascii") as file:
                    return int(file.read())
            except (OSError, ValueError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def start_gateway(self):
        self.daemon("client.rgw", "radosgw", "-c", "ceph.conf", "-n", "client.rgw")
        end = time.monotonic() + 90
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def signal_gateway(self, number):
        os.kill(self.pids["client.rgw"], number)

    def kill_gateway(self):
        """As by the OOM killer; what it has acknowledged is with the OSD."""
        self.end("client.rgw", signal.SIGKILL)
        os.unlink(os.path.join(self.folder, "run", "client.rgw.pid"))

    def end(self, name, number=signal.SIGTERM):
        pid = self.pids.pop(name, None)
        if pid is None:
            return
        try:
            os.kill(pid, number)
            os.kill(pid, signal.SIGCONT)
            for _ in range(300):
                os.kill(pid, 0)
                time.sleep(0.1)
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def stop(self):
        for name in ("client.rgw", "osd.0", "mon.a"):  # an OSD without its monitor lingers
            self.end(name)
