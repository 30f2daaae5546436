"""What every bar needs: where things are, how to run them, and the little statistics there is."""
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import tempfile
from dataclasses import dataclass, field
from typing import List, Optional, Tuple


@dataclass
class Bar:
    """One promise and what became of it."""

    what: str
    promise: str
    ours: str
    peer: str
    ratio: str
    kept: bool

    def text(self):
        return f"{'pass ' if self.kept else 'SHORT'} {self.what}: {self.ours} ({self.promise}; {self.peer}; {self.ratio})"


@dataclass
class Panel:
    """A part of the chart: a name and a number a row; `limit` is where the promise lies."""

    title: str
    unit: str
    rows: List[Tuple[str, float]]
    limit: Optional[float] = None
    limit_text: str = ""
    decimals: int = 2


@dataclass
class Result:
    title: str
    bars: List[Bar]
    panels: List[Panel]
    columns: List[str] = field(default_factory=list)
    rows: List[List[str]] = field(default_factory=list)
    remarks: List[str] = field(default_factory=list)


class Context:
    def __init__(self, root, toolkit, counts):
        self.root, self.counts = root, counts
        # A copy, as `make install` or an image makes it, and as the peers came by their packages: what a
        # linker has written piece by piece lies in small pages of the cache, which costs each start 5 %.
        self.toolkit = str(root / "build/bench/toolkit")
        shutil.copy(toolkit, self.toolkit)
        self.disk = root / "build/bench/work"
        shutil.rmtree(self.disk, ignore_errors=True)
        self.disk.mkdir(parents=True)
        self.memory = pathlib.Path(tempfile.mkdtemp(prefix="toolkit-bench-", dir="/dev/shm"))
        self.at_end = contextlib.ExitStack()  # what was started for several bars ends with the report
        self.fixture = next(iter(toolkit.parent.glob("tests/**/toolkit_fixture")), None)

    def program(self, name):
        return str(self.root / "build/bench/programs" / name)

    def scaled(self, usual, full):
        return {"full": full, "usual": usual, "quick": max(usual // 20, 3)}[self.counts]

    def input_log(self, mebibytes):
        """Log lines of 98 bytes, made once."""
        path = self.root / f"build/bench/in-{mebibytes}.log"
        if not path.exists():
            unfinished = path.with_suffix(".tmp")
            with open(unfinished, "wb") as out:
                subprocess.run([self.program("writer"), "lines", str(mebibytes << 20)], stdout=out, check=True)
            unfinished.rename(path)
        return path

    def samples(self, name, *arguments):
        """Runs a measuring program; each line of its output as numbers."""
        words = [self.program(name), *map(str, arguments)]
        out = subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True).stdout
        return [[int(word) for word in line.split()] for line in out.splitlines()]

    def shell(self, script):
        """Runs a pipeline in which the word `@NAME` puts a meter in front of what follows; returns what each
        NAME measured."""
        folder = tempfile.mkdtemp(dir=self.memory)
        script = re.sub(r"(^|\s)@(\w+)", rf"\1{self.program('meter')} {folder}/\2", script)
        subprocess.run(["/bin/sh", "-c", script], check=True, stdin=subprocess.DEVNULL)
        measured = {name: json.loads(pathlib.Path(folder, name).read_text()) for name in os.listdir(folder)}
        shutil.rmtree(folder)
        return measured

    def fresh(self, path):
        """Nothing at `path`, and nothing of an earlier round still on its way to the disk."""
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
        if self.disk in path.parents:
            os.sync()
        return path


def separated(commands):
    """The argument list of commands as the measuring programs take it."""
    return [word for command in commands for word in ["::", *command]]


def quartiles(values):
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3


def ratio_interval(ours, theirs, times=1000):
    """The ratio of two medians and its 95 % bootstrap interval. Rounds are drawn as pairs, which takes out
    what disturbed a whole round; series of different lengths are drawn each for itself."""
    generator = random.Random(1)
    drawn = []
    for _ in range(times):
        picks = generator.choices(range(len(ours)), k=len(ours))
        peer_picks = picks if len(ours) == len(theirs) else generator.choices(range(len(theirs)), k=len(theirs))
        drawn.append(statistics.median(ours[i] for i in picks) / statistics.median(theirs[i] for i in peer_picks))
    drawn.sort()
    return statistics.median(ours) / statistics.median(theirs), drawn[int(0.025 * times)], drawn[int(0.975 * times)]


def ratio_text(interval):
    return "{:.3f} [{:.3f}, {:.3f}]".format(*interval)
