#!/usr/bin/env python3
"""Statement: `run` passes its peers' own exams. What the test suites of tini and dumb-init check is told
again here as behaviours (tini_exam.py, dumb_init_exam.py) and asked of `toolkit run` behind the command
lines of those two (the scripts `tini` and `dumb-init`), as PID 1 of a namespace and below a parent.

    init_exams_lab.py TOOLKIT FIXTURE LICENSE [WORD]     only behaviours with WORD in them

With EXAM_SHIMS=/usr/bin the real tini and dumb-init sit the exam: a check of the examiner. Where words and
words differ they fail, of course.
"""
import dataclasses
import os
import random
import signal
import subprocess
import sys
import time

import dumb_init_exam
import tini_exam
from candidate import Failed


@dataclasses.dataclass
class Exam:
    name: str
    toolkit: str
    fixture: str
    license: str
    first: bool

    @property
    def shim(self):
        return os.path.join(os.environ.get("EXAM_SHIMS", os.path.dirname(os.path.abspath(__file__))), self.name)

    def codes(self):
        every = range(256)
        return every if os.environ.get("FULL") else sorted({0, 1, 2, 127, 128, 255, *random.sample(every, 6)})


def sit(exam, behaviours, word):
    """Every behaviour with its result; the number that failed."""
    failed = 0
    for words, check in behaviours:
        if word not in words:
            continue
        start = time.monotonic()
        try:
            remark = check(exam)
        except (Failed, OSError, subprocess.SubprocessError, ValueError, IndexError, StopIteration) as error:
            failed += 1
            remark = f"FAILED: {error}"
        where = "as PID 1" if exam.first else "below a parent"
        result = remark if remark else f"passed in {time.monotonic() - start:.1f} s"
        print(f"{exam.name}, {where}: {words}: {result}", flush=True)
    return failed


def main():
    toolkit, fixture, license_file = (os.path.abspath(path) for path in sys.argv[1:4])
    word = sys.argv[4] if len(sys.argv) > 4 else ""
    for number in (signal.SIGINT, signal.SIGQUIT):  # a script's shell has them ignored in what it runs with &
        signal.signal(number, signal.SIG_DFL)
    can_be_first = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", "true"],
                                  capture_output=True, check=False).returncode == 0
    failed = 0
    for first in ([False, True] if can_be_first else [False]):
        for name, behaviours in (("tini", tini_exam.BEHAVIOURS), ("dumb-init", dumb_init_exam.BEHAVIOURS)):
            failed += sit(Exam(name, toolkit, fixture, license_file, first), behaviours, word)
    count = len(tini_exam.BEHAVIOURS) + len(dumb_init_exam.BEHAVIOURS)
    print(f"{count} behaviours, {'as PID 1 and below a parent' if can_be_first else 'below a parent alone'}: {failed} failed")
    return 1 if failed else 0 if can_be_first else 77


if __name__ == "__main__":
    sys.exit(main())
