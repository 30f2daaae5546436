"""How much memory a million files take: empty ones in a thousand directories, on tmpfs.

All new, and as they were, of whole files and of logs: of each log the journal knows what was proven. The peak
is ru_maxrss of wait4. Files of no bytes, since what is counted here is names; a tmpfs takes a page for each
byte.
"""
import os

from context import Panel, Result
from bars.sync import grounds

LIMIT = 200  # MiB


class Million:
    def __init__(self, context, ending):
        self.context, self.ending = context, ending
        self.source, self.there = context.memory / "million", context.memory / "million-there"
        directories = 1000 if context.counts != "quick" else 20
        for directory in range(directories):
            folder = self.source / f"part-{directory:04}"
            folder.mkdir(parents=True)
            below = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            for number in range(1000):
                os.close(os.open(f"sample-{number:04}.{ending}", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=below))
            os.close(below)

    def run(self, race):
        state = self.context.memory / "state"
        words = grounds.ours(self.context, grounds.local(self.context), f"{self.source}/", f"{self.there}/", state)
        for stage in ("new", "no-op"):
            race.round({f"toolkit, *.{self.ending}, {stage}": (words, None)})

    def end(self):
        for folder in (self.source, self.there, self.context.memory / "state"):
            self.context.fresh(folder)


def measure(context):
    race = grounds.Race(context)
    for ending in ("bin", "log"):
        million = Million(context, ending)
        million.run(race)
        million.end()
    return Result(
        title="A million files",
        bars=[race.peak("1,000,000 files, peak RSS", LIMIT, list(race.measured))],
        panels=[Panel("Peak RSS, a million files", "MiB", [(name, race.peak_mib(name)) for name in race.measured], LIMIT,
                      "200 MiB", 0)],
        columns=race.COLUMNS,
        rows=race.rows())
