"""10,000 logs of 4 KiB in 100 directories, beside 200 files that a rule leaves out.

The same command line for us and for rsync: all new, as they were, and grown by 68 bytes each, on tmpfs; all new
over sshd on loopback; all new and as they were at a Ceph gateway in memory, against rclone with 32 transfers and
without its HEAD behind each PUT: logs of a run that ended an hour ago, which we PUT as rclone does. Logs that were
just written, which we make as objects that grow, are measured too and not judged. Who is first in a round is random.
"""
import os
import time

from context import Bar, Panel, Result
from bars.sync import grounds

SIZE, GROWTH = 4096, 68  # bytes
FILES = {"full": 100, "usual": 100, "quick": 10}  # of a directory


class Tree:
    def __init__(self, context):
        self.folder = context.memory / "many"
        self.logs = [self.folder / f"d{d:02}/rank-{f:03}.log" for d in range(100) for f in range(FILES[context.counts])]
        body = os.urandom(SIZE)
        for path in self.logs:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        for number in range(200):
            (self.folder / f"d{number % 100:02}/other-{number}.tmp").write_bytes(body)

    def grow(self):
        for path in self.logs:
            with open(path, "ab") as file:
                file.write(b"x" * GROWTH)

    def age(self, seconds):
        then = time.time() - seconds
        for path in self.logs:
            os.utime(path, (then, then))


def run_local(context, race, rounds, tree):
    there, state = context.memory / "many-there", context.memory / "state"
    mine = grounds.ours(context, grounds.local(context), f"{tree.folder}/", f"{there}/ours/", state, grounds.RULES)
    theirs = f"@x {grounds.SEED} {tree.folder}/ {there}/rsync/"
    for _ in range(rounds):
        context.fresh(there).mkdir()
        context.fresh(state)
        for stage in ("new", "no-op", "grown"):
            if stage == "grown":
                tree.grow()
            race.round({f"toolkit, local, {stage}": (mine, None), f"local {stage}: rsync": (theirs, None)})
    context.fresh(there)


def run_sftp(context, race, rounds, sftp, tree):
    state = context.memory / "state"

    def prepare():
        context.fresh(state)
        sftp.clear()

    race_words = {
        "toolkit, SFTP, new": (grounds.ours(context, sftp, f"{tree.folder}/", sftp.target("ours/"), state, grounds.RULES),
                               prepare),
        "SFTP new: rsync over ssh": (f"@x {grounds.SEED} -e '{sftp.ssh()}' {tree.folder}/ {sftp.sync_target('rsync/')}", prepare),
    }
    for _ in range(rounds):
        race.round(race_words)
    sftp.clear()


def run_s3(context, race, rounds, s3, tree):
    state, other = context.memory / "state", context.memory / "other-state"
    for number in range(rounds):
        context.fresh(state)
        context.fresh(other)
        mine = grounds.ours(context, s3, f"{tree.folder}/", s3.target(f"many{number}/"), state, grounds.RULES)
        fresh = grounds.ours(context, s3, f"{tree.folder}/", s3.target(f"fresh{number}/"), other, grounds.RULES)
        theirs = s3.rclone(f"{tree.folder}", f"rclone{number}", "--include '*.log'")
        race.round({"toolkit, S3, new, just written": (fresh, lambda: tree.age(0))})
        tree.age(3600)
        race.round({"toolkit, S3, new": (mine, None), "S3 new: rclone, 32 transfers": (theirs, None)})
        for _ in range(3):
            race.round({"toolkit, S3, no-op": (mine, None)})


def no_op_bar(race):
    seconds = race.median("toolkit, S3, no-op")
    return Bar("10,000 files as they were, S3", "≤ 0.5 s", f"{seconds:.3f} s", "", "", seconds <= 0.5)


def measure(context):
    race, tree = grounds.Race(context), Tree(context)
    run_local(context, race, context.scaled(15, 51), tree)
    bars = [race.ratio(f"10,000 files, local, {stage}", limit, f"toolkit, local, {stage}", f"local {stage}: rsync")
            for stage, limit in (("no-op", 0.7), ("new", 0.6), ("grown", 0.6))]
    if sftp := grounds.place(context, grounds.Sftp):
        run_sftp(context, race, context.scaled(5, 15), sftp, tree)
        bars.append(race.ratio("10,000 files, SFTP, new", 1.0, "toolkit, SFTP, new", "SFTP new: rsync over ssh"))
    if s3 := grounds.place(context, grounds.S3):
        run_s3(context, race, {"full": 5, "usual": 2, "quick": 1}[context.counts], s3, tree)
        bars += [no_op_bar(race),
                 race.ratio("10,000 files, S3, new", 0.8, "toolkit, S3, new", "S3 new: rclone, 32 transfers")]
    context.fresh(tree.folder)
    return Result(
        title="10,000 files",
        bars=bars,
        panels=[Panel(f"10,000 files, {title}", "s", [(name, race.median(name)) for name in race.measured if word in name])
                for title, word in (("on tmpfs", "local"), ("over SSH", "SFTP"), ("at an S3 server", "S3"))
                if any(word in name for name in race.measured)],
        columns=race.COLUMNS,
        rows=race.rows())
