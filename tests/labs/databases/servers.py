"""Real servers on loopback with their data in a temporary folder, started and stopped by the lab.

Who may not run as root (PostgreSQL, MariaDB) runs as the user of its package. Nothing of the machine's own
services is touched: no configuration file is read, no unit is started.
"""
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def account(name):
    """What makes subprocess run as this user where we are root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def find(program):
    places = [os.environ.get("PATH", ""), "/usr/sbin", *sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]
    return shutil.which(program, path=":".join(places))


class Server:
    """A program that is ended by its pid."""

    def __init__(self, folder, name, owner):
        self.folder = os.path.join(folder, name)
        self.who = account(owner)
        self.log_path = os.path.join(folder, name + ".log")
        self.port = free_port()
        self.process = None
        os.mkdir(self.folder, 0o700)
        if self.who:
            os.chown(self.folder, self.who["user"], self.who["group"])

    def run(self, *argv, data=None):
        done = subprocess.run(argv, input=data, text=True, capture_output=True, cwd="/", check=False, **self.who)
        if done.returncode != 0:
            raise RuntimeError(f"{argv[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self, *argv):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **self.who)

    def stop(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()


class Postgres(Server):
    HBA = """local all all trust
host all postgres 127.0.0.1/32 trust
host all md5er 127.0.0.1/32 md5
host all plain 127.0.0.1/32 password
host all banned 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
"""
    SQL = """create database train;
set password_encryption = 'md5'; create role md5er login password 'sesame';
set password_encryption = 'scram-sha-256'; create role app login password 'sesame'; create role plain login password 'sesame';
"""

    def __init__(self, folder):
        super().__init__(folder, "postgres", "postgres")
        self.data = os.path.join(self.folder, "data")
        self.run(find("initdb"), "-D", self.data, "-U", "postgres", "--auth=trust", "--no-sync")
        with open(os.path.join(self.data, "pg_hba.conf"), "w", encoding="ascii") as file:
            file.write(self.HBA)

    def start(self, *options):
        super().start(find("postgres"), "-D", self.data, "-p", str(self.port), "-k", self.folder, "-F",
                      "-c", "listen_addresses=127.0.0.1", "-c", "log_connections=on", *options)

    def sql(self, text):
        self.run(find("psql"), "-q", "-h", self.folder, "-p", str(self.port), "-U", "postgres", "-d", "postgres",
                 "-v", "ON_ERROR_STOP=1", "-f", "-", data=text)

    def stop(self, number=signal.SIGINT):  # fast shutdown
        super().stop(number)


class MariaDb(Server):
    SQL = """create database train;
drop user if exists ''@'localhost'; create user app@'%' identified by 'sesame'; grant all on train.* to app@'%';
create user full@'%' identified via mysql_native_password using password('sesame');
grant all on *.* to full@'%';
install soname 'auth_ed25519'; create user modern@'%' identified via ed25519 using password('sesame');
"""

    def __init__(self, folder):
        super().__init__(folder, "mariadb", "mysql")
        self.data = os.path.join(self.folder, "data")
        self.run(find("mariadb-install-db"), "--no-defaults", f"--datadir={self.data}", "--skip-test-db",
                 "--auth-root-authentication-method=normal")

    def start(self, *options):
        super().start(find("mariadbd"), "--no-defaults", f"--datadir={self.data}", f"--port={self.port}",
                      f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid", "--bind-address=127.0.0.1",
                      "--skip-name-resolve", "--log-warnings=9", *options)

    def sql(self, text):
        return self.run(find("mariadb"), "--no-defaults", "-N", f"--socket={self.folder}/socket", "-u", "root", data=text)


class Redis(Server):
    def __init__(self, folder):
        super().__init__(folder, "redis", "redis")

    def start(self, *options):
        super().start(find("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder,
                      "--save", "", "--enable-debug-command", "yes", *options)

    def cli(self, *words):
        return self.run(find("redis-cli"), "-p", str(self.port), *words)


def eventually(what, limit=60):
    """Until it does not raise."""
    end = time.monotonic() + limit
    while True:
        try:
            return what()
        except (RuntimeError, OSError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
