"""One `toolkit run` with a limit of time, and checks that read as sentences."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from workers import end_everybody

LIMIT = 20


@dataclass
class Ended:
    code: int | None
    out: bytes
    err: str
    seconds: float
    left: list


class Lab:
    """The binary, a fresh folder for each case, and what has gone wrong."""

    def __init__(self, toolkit, folder):
        self.toolkit, self.base, self.failures, self.skipped = toolkit, Path(folder), 0, 0

    def run(self, options, child, stdin=subprocess.DEVNULL, read=True, **more):
        """`child` is a shell script, or a list of words."""
        words = ["sh", "-c", child] if isinstance(child, str) else child
        command = [self.toolkit, "run", "--termination-log", "", "--failure-file", "", *options, "--", *words]
        begin = time.monotonic()
        process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        try:
            if read:
                out, err = process.communicate(timeout=LIMIT)
            else:
                process.wait(timeout=LIMIT)
                out, err = process.stdout.read(), process.stderr.read()
            code = process.returncode
        except subprocess.TimeoutExpired:
            end_everybody()
            out, err = process.communicate()
            code = None
        return Ended(code, out, err.decode(errors="replace"), time.monotonic() - begin, end_everybody())

    def check(self, name, *conditions):
        """Each condition: (truth, what is wrong otherwise)."""
        wrong = [words for truth, words in conditions if not truth]
        self.failures += bool(wrong)
        print(f"{'FAIL' if wrong else 'ok  '} {name}{': ' if wrong else ''}{'; '.join(wrong)}", flush=True)

    def skip(self, name, reason):
        self.skipped += 1
        print(f"skip {name}: {reason}", flush=True)

    def folder(self, name):
        place = self.base / name
        place.mkdir(parents=True)
        return place


def refused(ended, words):
    """Ended before the start: 125, and one line with these words."""
    first = ended.err.splitlines()[0] if ended.err else ""
    return [(ended.code == 125, f"code {ended.code}, not 125"), (words in first, f"says {ended.err!r}, not {words!r}"),
            (first.startswith("toolkit run: "), "does not say who speaks")]


def lasted(ended, code, within=10.0):
    """Ended with the child's code, in time, and nobody left."""
    return [(ended.code == code, f"code {ended.code}, not {code}: {ended.err[-300:]!r}"),
            (ended.seconds < within, f"took {ended.seconds:.1f} s"), (not ended.left, f"left behind: {ended.left}")]


def is_root():
    return os.geteuid() == 0
