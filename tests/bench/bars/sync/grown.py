"""A log of 1 GiB that grew by 100 MiB: the tail is sent, and nothing else.

The source grows by the same 100 MiB from round to round, and each command brings a destination of its own up to
it. On tmpfs, over sshd on loopback, and to a Ceph gateway in memory by its native append, against a PUT of a
file that is nothing but the tail: unsigned, and with a SHA-256 that the gateway has to compute too, as it does for us
over plain HTTP (made beforehand, which is not measured).
"""
from context import Panel, Result
from bars.sync import grounds

BASE, TAIL = 1024, 100  # MiB


class Log:
    """The source, and how long it was before it grew."""

    def __init__(self, context):
        base = BASE if context.counts != "quick" else 64
        self.path = grounds.random_file(context.memory / "grown.log", base)
        self.part = grounds.random_file(context.memory / "tail", TAIL)
        self.size = base << 20

    def grow(self):
        self.size = self.path.stat().st_size
        grounds.append(self.path, self.part)

    def end(self):
        self.path.unlink()
        self.part.unlink()


def run_local(context, race, rounds):
    log, there = Log(context), context.memory / "grown"
    there.mkdir()
    mine = grounds.ours(context, grounds.local(context), log.path, f"{there}/ours/", context.memory / "state")
    context.shell(mine)
    context.shell(f"cp {log.path} {there}/rsync.log; cp {log.path} {there}/tail.log")
    for _ in range(rounds):
        log.grow()
        race.round({
            "toolkit, local": (mine, None),
            "local: tail -c +N >>": (f"@x tail -c +{log.size + 1} {log.path} >>{there}/tail.log", None),
            "local: rsync --append": (f"@x rsync --append {log.path} {there}/rsync.log", None),
        })
    context.fresh(there)
    log.end()


def run_sftp(context, race, rounds, sftp):
    log = Log(context)
    mine = grounds.ours(context, sftp, log.path, sftp.target("ours/"), context.memory / "state")
    theirs = f"@x rsync --append -e '{sftp.ssh()}' {log.path} {sftp.sync_target('rsync.log')}"
    context.shell(mine)
    context.shell(theirs)
    for _ in range(rounds):
        log.grow()
        race.round({"toolkit, SFTP": (mine, None), "SFTP: rsync --append over ssh": (theirs, None)})
    sftp.clear()
    log.end()


def run_s3(context, race, rounds, s3):
    log = Log(context)
    mine = grounds.ours(context, s3, log.path, s3.target("grown/"), context.memory / "state")
    sha256 = grounds.sha256_of(log.part)
    context.shell(mine)
    for number in range(rounds):
        log.grow()
        race.round({"toolkit, S3": (mine, None),
                    "S3: a PUT of the tail (curl)": (s3.curl(log.part, f"tail{number}"), None),
                    "S3: a proven PUT of the tail (curl)": (s3.curl(log.part, f"proven{number}", sha256), None)})
        s3.remove(f"tail{number}")
        s3.remove(f"proven{number}")
    s3.remove("grown/grown.log")
    log.end()


def measure(context):
    race, rounds = grounds.Race(context), context.scaled(5, 15)
    run_local(context, race, rounds)
    bars = [race.ratio("+100 MiB on 1 GiB, local", 1.15, "toolkit, local", "local: tail -c +N >>")]
    if sftp := grounds.place(context, grounds.Sftp):
        run_sftp(context, race, rounds, sftp)
        bars.append(race.ratio("+100 MiB on 1 GiB, SFTP", 0.8, "toolkit, SFTP", "SFTP: rsync --append over ssh"))
    if s3 := grounds.place(context, grounds.S3):
        run_s3(context, race, rounds, s3)
        bars.append(race.ratio("+100 MiB on 1 GiB, S3 with append", 1.3, "toolkit, S3", "S3: a PUT of the tail (curl)"))
    return Result(
        title="A log of 1 GiB that grew by 100 MiB",
        bars=bars,
        panels=[Panel("1 GiB grew by 100 MiB", "s", [(name, race.median(name)) for name in race.measured])],
        columns=race.COLUMNS,
        rows=race.rows())
