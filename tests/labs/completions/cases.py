"""What a person should be offered, whichever the shell. Shared by the three drivers beside this file."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import namedtuple

# exact: the offers; some: at least these; none: not one of these. Offers are compared without what
# stands before the last = or : of the word, since shells differ in whether they repeat it.
Case = namedtuple("Case", "line exact some none", defaults=(None, (), ()))

# The folder that the shells stand in holds train.log, `two words`, and the directory logs.
CASES = [
    Case("toolkit r", exact={"run"}),
    Case("toolkit ", some={"run", "completion", "help"}, none={"train.log"}),
    Case("toolkit --vers", exact={"--version"}),
    Case("toolkit help ru", exact={"run"}),
    Case("toolkit help si", exact={"signals"}),
    Case("toolkit help kub", exact={"kubernetes"}),
    Case("toolkit man chec", exact={"check-gpu"}),
    Case("toolkit completion ", exact={"bash", "zsh", "fish"}),
    Case("toolkit completion zsh ", exact=set()),
    Case("toolkit run --gra", exact={"--grace"}),
    Case("toolkit run --log-level warn --gra", exact={"--grace"}),
    Case("toolkit --log-level warn run --gra", exact={"--grace"}),
    Case("toolkit run --utc --gra", exact={"--grace"}),
    Case("toolkit run --signal-to ", exact={"group", "process", "tree"}),
    Case("toolkit run --signal-to=t", exact={"tree"}),
    Case("toolkit run --console=", exact={"raw", "prefixed", "none"}),
    Case("toolkit run --log-format ", exact={"text", "json", "raw", "cri"}),
    Case("toolkit --log-format ", exact={"text", "json"}),
    Case("toolkit run --color ", exact={"auto", "always", "never"}),
    Case("toolkit run --stop-signal US", exact={"USR1", "USR2"}),
    Case("toolkit run --stop-signal=US", exact={"USR1", "USR2"}),
    Case("toolkit run --rewrite TERM=US", exact={"USR1", "USR2"}),
    Case("toolkit run --rewrite=TERM=US", exact={"USR1", "USR2"}),
    Case("toolkit run --rewrite TERM=USR1 --gra", exact={"--grace"}),
    Case("toolkit run --notify USR1@60s --gra", exact={"--grace"}),
    Case("toolkit run --user roo", exact={"root"}),
    Case("toolkit run --user root:roo", exact={"root"}),
    Case("toolkit run --user root:root --gra", exact={"--grace"}),
    Case("toolkit run --log tra", exact={"train.log"}),
    Case("toolkit run --log=tra", exact={"train.log"}),
    Case("toolkit run --env A=B --gra", exact={"--grace"}),
    Case("toolkit run --chdir ", exact={"logs"}),
    Case("toolkit run --chdir=l", exact={"logs"}),
    Case("toolkit run --grace ", exact=set()),
    Case("toolkit run --grace=", exact=set()),
    Case("toolkit run --log-max-size ", exact=set()),
    # The child, with and without -- before it.
    Case("toolkit run -- probe-tr", exact={"probe-trainer"}),
    Case("toolkit run probe-tr", exact={"probe-trainer"}),
    Case("toolkit run --log x -- probe-tr", exact={"probe-trainer"}),
    Case("toolkit run --user root:root --log=x probe-tr", exact={"probe-trainer"}),
    Case("toolkit run -- probe-trainer tra", exact={"train.log"}),
    Case("toolkit run -- probe-trainer --gra", exact=set()),
    Case("toolkit run probe-trainer --gra", exact=set()),
    Case("toolkit run -- probe-trainer -- --gra", exact=set()),
]

# For shells in which a child command brings a completion of its own: probe-child has --alpha and --beta.
CHILD_CASES = [
    Case("toolkit run -- probe-child --al", exact={"--alpha"}),
    Case("toolkit run probe-child --al", exact={"--alpha"}),
    Case("toolkit run --rewrite TERM=USR1 --env=A=B -- probe-child --al", exact={"--alpha"}),
    Case("toolkit run -- probe-child --alpha --be", exact={"--beta"}),
    Case("toolkit run -- probe-child --gra", exact=set()),
]


def workplace():
    """A folder for the shells to stand in; its bin/ is to be put on PATH."""
    folder = tempfile.TemporaryDirectory(prefix="completions")
    here = os.path.join(folder.name, "here")
    programs = os.path.join(folder.name, "bin")
    os.makedirs(os.path.join(here, "logs"))
    os.makedirs(programs)
    for name in ("train.log", "two words"):
        open(os.path.join(here, name), "w").close()
    for name in ("toolkit", "probe-trainer", "probe-child"):
        path = os.path.join(programs, name)
        with open(path, "w") as program:
            program.write("#!/bin/sh\n")
        os.chmod(path, 0o755)
    return folder, here, programs


def toolkit_for(shell, *more):
    """The binary under test; where a program that the lab needs is missing, ends with 77 (skipped)."""
    for program in (shell, *more):
        if not shutil.which(program) and not os.path.exists(program):
            print(f"skipped: no {program} here")
            sys.exit(77)
    return sys.argv[1] if len(sys.argv) > 1 else os.environ["TOOLKIT_BINARY"]


def script(toolkit, shell):
    return subprocess.run([toolkit, "completion", shell], check=True, capture_output=True, text=True).stdout


def bare(offer, line):
    """The offer without what the word before the cursor repeats."""
    if re.search(r"[=:]", line.split(" ")[-1]):
        offer = re.split(r"[=:]", offer)[-1]
    return offer.strip().rstrip("/")


def judge(case, offers):
    """None, or what is wrong."""
    got = {bare(offer, case.line) for offer in offers if offer.strip()}
    if case.exact is not None and got != set(case.exact):
        return f"{case.line!r}: offered {sorted(got)}, not {sorted(case.exact)}"
    if not set(case.some) <= got or set(case.none) & got:
        return f"{case.line!r}: offered {sorted(got)}, wanted {sorted(case.some)} and none of {sorted(case.none)}"
    return None


def report(what, cases, complete):
    """Runs the cases; prints what failed. The number of failures."""
    wrong = [fault for fault in (judge(case, complete(case.line)) for case in cases) if fault]
    for fault in wrong:
        print(f"{what}: {fault}")
    print(f"{what}: {len(cases) - len(wrong)} of {len(cases)} right")
    return len(wrong)
