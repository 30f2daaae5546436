#!/usr/bin/python3
"""Completes in a real, interactive bash. Usage: bash_lab.py [TOOLKIT]  (else $TOOLKIT_BINARY)

Readline's insert-completions writes every offer into the line, and a bound key saves the line. Once
with the bash-completion package and once without it.
"""

import os
import shlex
import sys

from cases import CASES, CHILD_CASES, report, script, toolkit_for, workplace
from terminal import Terminal

PACKAGE = "/usr/share/bash-completion/bash_completion"

SETTINGS = r"""
PS1='$ '
bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
save() { printf '%s' "$READLINE_LINE" >line.tmp; mv line.tmp ../line; READLINE_LINE=; READLINE_POINT=0; }
bind -x '"\C-xs": save'
bind '"\C-xi": insert-completions'
_probe_child() { mapfile -t COMPREPLY < <(compgen -W '--alpha --beta' -- "$2"); }
complete -F _probe_child probe-child
printf ready >ready.tmp; mv ready.tmp ../line
"""


class Bash:
    def __init__(self, toolkit, with_package):
        self.folder, here, programs = workplace()
        self.saved = os.path.join(self.folder.name, "line")
        rc = os.path.join(self.folder.name, "rc")
        with open(rc, "w") as file:
            file.write(f". {PACKAGE}\n" if with_package else "")
            file.write(script(toolkit, "bash") + SETTINGS)
        environment = {"PATH": programs + ":/usr/bin:/bin", "TERM": "xterm", "HOME": here, "INPUTRC": "/dev/null",
                       "COLUMNS": "500", "LC_ALL": "C.UTF-8"}
        self.terminal = Terminal(["bash", "--noprofile", "--rcfile", rc, "-i"], environment, here)
        self.terminal.wait_for_file(self.saved)

    def complete(self, line):
        self.terminal.type(line + "\x18i\x18s")
        after = self.terminal.wait_for_file(self.saved)
        kept = os.path.commonprefix([line, after])
        kept = kept[: max(kept.rfind(c) for c in " =:") + 1]
        return [] if after.rstrip() == line.rstrip() else shlex.split(after[len(kept):])


def main():
    toolkit = toolkit_for("bash", PACKAGE)
    wrong = 0
    for with_package in (False, True):
        bash = Bash(toolkit, with_package)
        cases = CASES + (CHILD_CASES if with_package else [])
        wrong += report("bash " + ("with" if with_package else "without") + " bash-completion", cases, bash.complete)
        bash.terminal.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
