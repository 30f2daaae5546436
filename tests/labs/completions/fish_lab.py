#!/usr/bin/python3
"""Completes in a real fish. Usage: fish_lab.py [TOOLKIT]  (else $TOOLKIT_BINARY)"""

import os
import subprocess
import sys

from cases import CASES, CHILD_CASES, report, script, toolkit_for, workplace

# `complete -C LINE` answers as a Tab at the end of LINE would: OFFER<tab>DESCRIPTION.
DRIVER = """
source $argv[1]
complete -c probe-child -f -l alpha
complete -c probe-child -f -l beta
for line in $argv[2..]
    complete -C $line
    printf '\\0'
end
"""


def on_tab(line, offers):
    """fish 4 answers with what merely contains the letters too; a Tab leaves those out where others begin alike."""
    word = line.split(" ")[-1]
    return [offer for offer in offers if offer.startswith(word)] or offers


def main():
    toolkit = toolkit_for("fish")
    folder, here, programs = workplace()
    source = os.path.join(folder.name, "toolkit.fish")
    with open(source, "w") as file:
        file.write(script(toolkit, "fish"))
    cases = CASES + CHILD_CASES
    environment = {"PATH": programs + ":/usr/bin:/bin", "HOME": folder.name, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["fish", "--no-config", "-c", DRIVER, source] + [case.line for case in cases],
                          cwd=here, env=environment, capture_output=True, text=True)
    answers = dict(zip((case.line for case in cases), done.stdout.split("\0")))
    offers = {line: on_tab(line, [offer.split("\t")[0] for offer in text.splitlines()])
              for line, text in answers.items()}
    wrong = report("fish", cases, offers.__getitem__)
    described = [line for line in answers["toolkit run --gra"].splitlines() if "\t" in line]
    if not described or done.stderr:
        print(f"fish: descriptions {described}, stderr {done.stderr!r}")
        wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
