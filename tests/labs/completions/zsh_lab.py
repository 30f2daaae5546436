#!/usr/bin/python3
"""Completes in a real, interactive zsh on a terminal. Usage: zsh_lab.py [TOOLKIT]  (else $TOOLKIT_BINARY)

A widget runs zsh's completion system with `compadd` watched: compadd -A gives the words that it would
offer, already compared with what stands before the cursor.
"""

import os
import sys

from cases import CASES, CHILD_CASES, report, script, toolkit_for, workplace
from terminal import Terminal

SETTINGS = r"""
PS1='$ '
unsetopt zle_bracketed_paste 2>/dev/null
_probe_child() { _arguments '--alpha' '--beta' }
compdef _probe_child probe-child

watch_offers() {
  typeset -ga offers=()
  compadd() {
    # With -A, -D or -O the caller asks for words and offers none.
    local -a words=("${@[1,(i)(-|--)]}") hits
    if [[ -z ${(M)words:#-[a-zA-Z]#[ADO]*} ]] ; then
      builtin compadd -A hits "$@"
      offers+=("${hits[@]}")
    fi
    builtin compadd "$@"
  }
  zle complete-offers
  unfunction compadd
  print -rl -- "${offers[@]}" >line.tmp
  mv line.tmp ../line
  BUFFER=
}
zle -C complete-offers list-choices _main_complete
zle -N watch_offers
bindkey '^Xs' watch_offers
print ready >ready.tmp; mv ready.tmp ../line
"""


# The two ways to have it: a file in fpath, and `source <(toolkit completion zsh)` in .zshrc.
INSTALLS = {
    "from fpath": "fpath=(../functions $fpath); compinit -u -d ../dump\n",
    "sourced": "compinit -u -d ../dump; source ../functions/_toolkit\n",
}


class Zsh:
    def __init__(self, toolkit, install):
        self.folder, here, programs = workplace()
        self.saved = os.path.join(self.folder.name, "line")
        functions = os.path.join(self.folder.name, "functions")
        os.mkdir(functions)
        with open(os.path.join(functions, "_toolkit"), "w") as file:
            file.write(script(toolkit, "zsh"))
        with open(os.path.join(self.folder.name, ".zshrc"), "w") as file:
            file.write("autoload -Uz compinit; " + install + SETTINGS)
        environment = {"PATH": programs + ":/usr/bin:/bin", "TERM": "xterm", "HOME": here, "ZDOTDIR": self.folder.name,
                       "COLUMNS": "500", "LC_ALL": "C.UTF-8"}
        self.terminal = Terminal(["zsh", "-d", "-i"], environment, here)
        self.terminal.wait_for_file(self.saved)

    def complete(self, line):
        self.terminal.type(line + "\x18s")
        return self.terminal.wait_for_file(self.saved).splitlines()


def main():
    toolkit = toolkit_for("zsh")
    wrong = 0
    for how, install in INSTALLS.items():
        zsh = Zsh(toolkit, install)
        wrong += report(f"zsh, {how}", CASES + CHILD_CASES, zsh.complete)
        zsh.terminal.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
