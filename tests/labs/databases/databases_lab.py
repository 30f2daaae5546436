#!/usr/bin/env python3
"""Statement: `wait` is right about real PostgreSQL, MariaDB and Redis servers.

Not there, starting, full, ready, and refusing; each with what a person reads, without the password, and over
one connection however often it is asked.

    databases_lab.py TOOLKIT
"""
import json
import os
import subprocess
import sys
import tempfile
import time

import servers

SECRET = "sesame"
MET, IMPOSSIBLE, TIMED_OUT = 0, 122, 124


class Lab:
    def __init__(self, toolkit):
        self.toolkit = toolkit
        self.wrong = []
        self.count = 0

    def argv(self, condition, timeout):
        return [self.toolkit, "wait", "--json", "--timeout", timeout, "--interval", "200ms", condition]

    def check(self, title, holds, shown):
        self.count += 1
        if not holds:
            self.wrong.append(f"{title}: {shown}")
            print(f"WRONG {title}: {shown}", flush=True)

    def judge(self, title, done, out, err, code, words):
        self.check(title, done == code and words in out and SECRET not in out + err,
                   f"exit {done}, wanted {code} and '{words}'\n  {out}{err}")

    def wait(self, title, condition, code, words="", timeout="30s"):
        """One wait to its end, and what it must say."""
        began = time.monotonic()
        done = subprocess.run(self.argv(condition, timeout), capture_output=True, text=True, timeout=90, check=False)
        self.judge(title, done.returncode, done.stdout, done.stderr, code, words)
        if code == IMPOSSIBLE:
            self.check(f"{title}: at once", time.monotonic() - began < 10, f"{time.monotonic() - began:.1f} s")

    def becomes(self, title, condition, change):
        """A wait that begins before `change` makes it true."""
        waiting = subprocess.Popen(self.argv(condition, "60s"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        self.check(f"{title}: not too early", waiting.poll() is None, "it ended before")
        change()
        out, err = waiting.communicate(timeout=90)
        self.judge(title, waiting.returncode, out, err, MET, '"met":true')
        attempts = json.loads(out)["conditions"][0]["attempts"] if out else 0
        self.check(f"{title}: asked more than once", attempts > 1, f"{attempts} attempts")


def postgres(lab, folder):
    server = servers.Postgres(folder)
    at = f"127.0.0.1:{server.port}"
    try:
        lab.wait("postgres: not there", f"postgres://{at}", TIMED_OUT, "connection refused", "1s")
        lab.becomes("postgres: comes up", f"postgres://{at}", server.start)
        server.sql(server.SQL)
        lab.wait("postgres: anybody", f"postgres://{at}", MET)
        lab.wait("postgres: a user without a password", f"postgres://app@{at}", MET, "asks for a password")
        for user in ("app", "md5er", "plain"):
            lab.wait(f"postgres: {user}", f"postgres://{user}:{SECRET}@{at}/train", MET, "ready for queries")
            lab.wait(f"postgres: {user}, wrong password", f"postgresql://{user}:x{SECRET}@{at}/train", IMPOSSIBLE,
                     f'password authentication failed for user \\"{user}\\"')
        lab.wait("postgres: no password for a database", f"postgres://app@{at}/train", IMPOSSIBLE, "asks for a password of user app")
        lab.wait("postgres: unknown database", f"postgres://app:{SECRET}@{at}/none", IMPOSSIBLE, 'database \\"none\\" does not exist')
        lab.wait("postgres: banned", f"postgres://banned:{SECRET}@{at}/train", IMPOSSIBLE, '"reason":"auth"')
        before = server.log().count("connection received")
        lab.wait("postgres: stable", f"for(2s, postgres://app:{SECRET}@{at}/train)", MET)
        lab.check("postgres: one connection", server.log().count("connection received") == before + 1, server.log()[-2000:])
        server.stop()

        # "The database system is starting up", for as long as we like: a standby without hot standby.
        with open(os.path.join(server.data, "standby.signal"), "w", encoding="ascii") as file:
            os.chown(file.fileno(), *os.stat(server.data)[4:6])
        server.start("-c", "hot_standby=off", "-c", "restore_command=false", "-c", "max_connections=3",
                     "-c", "superuser_reserved_connections=0", "-c", "max_wal_senders=0")
        lab.wait("postgres: starting", f"postgres://{at}", TIMED_OUT, '"reason":"not_yet"', "3s")
        lab.becomes("postgres: started", f"postgres://app:{SECRET}@{at}/train",
                    lambda: server.run(servers.find("pg_ctl"), "promote", "-D", server.data))

        full = [subprocess.Popen([servers.find("psql"), "-h", server.folder, "-p", str(server.port), "-U", "postgres",
                                  "-c", "select pg_sleep(8)"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 cwd="/", **server.who) for _ in range(3)]
        time.sleep(2)
        lab.wait("postgres: full", f"postgres://app:{SECRET}@{at}/train", TIMED_OUT, "too many clients already", "2s")
        lab.becomes("postgres: not full any more", f"postgres://app:{SECRET}@{at}/train",
                    lambda: [session.wait() for session in full])
        lab.check("postgres: no broken client in its log", "unexpected EOF" not in server.log() and
                  "incomplete startup" not in server.log(), server.log()[-2000:])
    finally:
        server.stop()


def mariadb(lab, folder):
    server = servers.MariaDb(folder)
    at = f"127.0.0.1:{server.port}"
    try:
        lab.wait("mariadb: not there", f"mysql://{at}", TIMED_OUT, "connection refused", "1s")
        lab.becomes("mariadb: comes up", f"mysql://{at}", server.start)
        servers.eventually(lambda: server.sql("select 1"))
        server.sql(server.SQL)
        lab.wait("mariadb: anybody", f"mysql://{at}", MET, "takes connections")
        lab.wait("mariadb: login", f"mysql://app:{SECRET}@{at}/train", MET, "ready for queries")
        lab.wait("mariadb: wrong password", f"mysql://app:x{SECRET}@{at}/train", IMPOSSIBLE, "(error 1045)")
        lab.wait("mariadb: unknown database", f"mysql://full:{SECRET}@{at}/none", IMPOSSIBLE, "(error 1049)")
        lab.wait("mariadb: a database of others", f"mysql://app:{SECRET}@{at}/mysql", IMPOSSIBLE, "(error 1044)")
        lab.wait("mariadb: a plugin that is not known", f"mysql://modern:{SECRET}@{at}", TIMED_OUT, "client_ed25519", "1s")
        aborted = "show global status like 'Aborted_c%'"

        def connections():
            return int(server.sql("show global status like 'Connections'").split()[1])

        before, broken = connections(), server.sql(aborted)
        lab.wait("mariadb: stable", f"for(2s, mysql://app:{SECRET}@{at}/train)", MET)
        after = connections()
        # The lab's own question is one more.
        lab.check("mariadb: one connection", after - before in (2, 3), f"{after - before}")
        lab.check("mariadb: no aborted client", broken == server.sql(aborted), broken + server.sql(aborted))

        server.sql("set global max_connections = 10")
        full = [subprocess.Popen([servers.find("mariadb"), "--no-defaults", f"--socket={server.folder}/socket",
                                  "-u", "full", f"-p{SECRET}", "-e", "select sleep(8)"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL) for _ in range(11)]
        time.sleep(2)
        lab.wait("mariadb: full", f"mysql://app:{SECRET}@{at}", TIMED_OUT, "(error 1040)", "1s")
        lab.wait("mariadb: full, for anybody", f"mysql://{at}", TIMED_OUT, "(error 1040)", "1s")
        lab.becomes("mariadb: not full any more", f"mysql://app:{SECRET}@{at}",
                    lambda: [session.wait() for session in full])
    finally:
        server.stop()


def redis(lab, folder):
    server = servers.Redis(folder)
    at = f"127.0.0.1:{server.port}"
    try:
        lab.wait("redis: not there", f"redis://{at}", TIMED_OUT, "connection refused", "1s")
        lab.becomes("redis: comes up", f"redis://{at}", server.start)
        lab.wait("redis: a database", f"redis://{at}/15", MET, "PONG")
        lab.wait("redis: no such database", f"redis://{at}/16", IMPOSSIBLE, "out of range")
        lab.wait("redis: a password that is not wanted", f"redis://:{SECRET}@{at}", IMPOSSIBLE, '"reason":"auth"')

        def connections():
            text = server.cli("info", "stats")
            return int(text.split("total_connections_received:")[1].split()[0])

        before = connections()
        lab.wait("redis: stable", f"for(2s, redis://{at})", MET)
        lab.check("redis: one connection", connections() - before == 2, str(connections() - before))

        server.cli("debug", "populate", "20000")
        server.cli("save")
        server.stop()
        # 20,000 keys at 200 µs each; a client is listened to after each KiB.
        server.start("--key-load-delay", "200", "--loading-process-events-interval-bytes", "1024")
        lab.wait("redis: loading", f"redis://{at}", TIMED_OUT, "LOADING", "1s")
        lab.wait("redis: loaded", f"redis://{at}", MET)
        server.cli("config", "set", "replica-serve-stale-data", "no")
        server.cli("replicaof", "127.0.0.1", str(servers.free_port()))
        lab.wait("redis: its master is down", f"redis://{at}", TIMED_OUT, "MASTERDOWN", "1s")
        lab.becomes("redis: a master itself", f"redis://{at}", lambda: server.cli("replicaof", "no", "one"))

        server.cli("config", "set", "requirepass", SECRET)
        lab.wait("redis: no password", f"redis://{at}", IMPOSSIBLE, "NOAUTH")
        lab.wait("redis: wrong password", f"redis://:x{SECRET}@{at}", IMPOSSIBLE, "WRONGPASS")
        lab.wait("redis: right password", f"redis://:{SECRET}@{at}/2", MET)
        lab.wait("redis: right user", f"redis://default:{SECRET}@{at}", MET)
    finally:
        server.stop()


def main():
    lab = Lab(sys.argv[1])
    needed = {"initdb": postgres, "mariadbd": mariadb, "redis-server": redis}
    missing = [name for name in needed if not servers.find(name)]
    if missing:
        print(f"skipped: {', '.join(missing)} not installed (tests/setup/packages.sh need test)")
    with tempfile.TemporaryDirectory(prefix="toolkit-databases-") as folder:
        os.chmod(folder, 0o755)
        for name, part in needed.items():
            if name not in missing:
                part(lab, folder)
    print(f"{lab.count} checks, {len(lab.wrong)} wrong")
    if lab.wrong:
        return 1
    return 77 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
