"""1 GiB that is not there yet: a checkpoint, which appears whole, and a log, which grows in place.

On tmpfs against cp, over sshd on loopback against OpenSSH's sftp with the same cipher, and to a Ceph gateway in
memory against one PUT whose SHA-256 the gateway has to compute too, as it does for us over plain HTTP (made
beforehand, which is not measured), and against one that proves nothing. Each round begins with
nothing there and without a journal. The log is measured too and not judged, but for the memory: most of what
is 1 GiB when it is first seen is a whole file.
"""
import time

from context import Panel, Result
from bars.sync import grounds


class Course:
    """One place: commands in rounds, each in front of an empty destination."""

    def __init__(self, context, race):
        self.context, self.race = context, race
        size = 1024 if context.counts != "quick" else 64
        self.whole = grounds.random_file(context.memory / "fresh.pt", size)
        self.log = context.memory / "fresh.log"
        self.log.hardlink_to(self.whole)
        self.state = context.memory / "state"

    def run(self, rounds, title, place, target, peers, clear):
        def prepare():
            self.context.fresh(self.state)
            clear()

        for _ in range(rounds):
            self.race.round({
                f"toolkit, {title}": (grounds.ours(self.context, place, self.whole, target, self.state), prepare),
                f"toolkit, {title}, a log": (grounds.ours(self.context, place, self.log, target, self.state), prepare),
                **{f"{title}: {peer}": (words, prepare) for peer, words in peers.items()},
            })
        clear()

    def end(self):
        self.whole.unlink()
        self.log.unlink()


def clear_bucket(s3):
    """What was deleted is still in memory until the gateway has collected it."""
    def clear():
        names = s3.names()
        for name in names:
            s3.remove(name)
        if names:
            time.sleep(1)
    return clear


def measure(context):
    race, rounds = grounds.Race(context), context.scaled(3, 15)
    course = Course(context, race)
    there = grounds.local(context)
    there.start()
    course.run(rounds, "local", there, there.target(), {"cp": f"@x cp {course.whole} {there.target()}"}, there.clear)
    bars = [race.ratio("1 GiB new, local", 1.1, "toolkit, local", "local: cp")]
    if sftp := grounds.place(context, grounds.Sftp):
        course.run(rounds, "SFTP", sftp, sftp.target(""), {"OpenSSH's sftp": sftp.openssh(course.whole, "fresh.pt")},
                   sftp.clear)
        bars.append(race.ratio("1 GiB new, SFTP", 1.0, "toolkit, SFTP", "SFTP: OpenSSH's sftp"))
    if s3 := grounds.place(context, grounds.S3):
        peers = {"one PUT (curl)": s3.curl(course.whole, "fresh/fresh.pt"),
                 "one proven PUT (curl)": s3.curl(course.whole, "fresh/fresh.pt", grounds.sha256_of(course.whole))}
        course.run(rounds, "S3", s3, s3.target("fresh/"), peers, clear_bucket(s3))
        bars.append(race.ratio("1 GiB new, S3, checksums on", 1.2, "toolkit, S3", "S3: one proven PUT (curl)"))
    course.end()
    names = [name for name in race.measured if name.startswith("toolkit")]
    bars.append(race.peak("1 GiB new, peak RSS", 64, names))
    return Result(
        title="1 GiB that is new",
        bars=bars,
        panels=[Panel("1 GiB that is new", "s", [(name, race.median(name)) for name in race.measured]),
                Panel("Peak RSS, 1 GiB that is new", "MiB", [(name, race.peak_mib(name)) for name in race.measured], 64,
                      "64 MiB", 1)],
        columns=race.COLUMNS,
        rows=race.rows())
