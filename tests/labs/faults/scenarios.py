"""What is run while a system call fails, and what must come of it."""

from dataclasses import dataclass, replace
from pathlib import Path

# Says in a file of its own how far it came, and whether its output was ever refused.
CHILD = """
report=$1; code=$2; words=$3
trap 'echo "sigpipe" >>"$report"' PIPE
echo started >>"$report"
for i in 1 2 3; do
  printf '%s\\n' "out $i$words" || echo "stdout refused" >>"$report"
  printf '%s\\n' "err $i$words" >&2 || echo "stderr refused" >>"$report"
  sleep 0.004
done
echo "done" >>"$report"
exit "$code"
"""

# On SIGTERM it saves, which takes a moment, and leaves a daemon that only SIGKILL ends.
TRAINER = """
report=$1
trap 'echo "sigpipe" >>"$report"' PIPE
setsid sh -c 'trap "" TERM; sleep 30' &
trap 'sleep 0.05; echo "done" >>"$report"; exit 0' TERM
echo started >>"$report"
while :; do sleep 0.01; done
"""

# Enough output for the log's own thread.
CHATTERBOX = CHILD.replace("for i in 1 2 3", "for i in 1 2 3 4 5 6 7 8")
GRACE = "600ms"
LONG_WORDS = " " + "x" * 2000


@dataclass
class Scenario:
    name: str
    options: list
    script: str = CHILD
    exit_code: int = 3
    attempts: int = 1
    lines: int = 3
    words: str = ""
    merged: bool = False     # one stream for both of the child's
    threads: bool = False    # follow threads, and the child until its exec
    cancel: bool = False     # SIGTERM once the child has started
    detached: bool = False

    def command(self, toolkit, place: Path):
        options = [word.replace("@", str(place)) for word in self.options]
        child = ["sh", "-c", self.script, "sh", str(place / "report"), str(self.exit_code), self.words]
        return [toolkit, "run", "--termination-log", "", "--failure-file", "", *options, "--", *child]

    def with_long_grace(self):
        return replace(self, options=["6s" if word == GRACE else word for word in self.options])

    def keeps(self, option):
        return option in self.options

    def expected_lines(self, stream):
        one = [f"{stream} {i}{self.words}" for i in range(1, self.lines + 1)]
        return one * self.attempts


RECORDED = ["--name", "job", "--state-dir", "@/state"]
FULL = ["--log", "@/log", *RECORDED, "--pid-file", "@/pid", "--events", "@/events"]

SCENARIOS = [
    Scenario("plain", []),
    Scenario("full", FULL),
    Scenario("cancel", [*FULL, "--grace", GRACE], script=TRAINER, exit_code=0, lines=0, cancel=True),
    Scenario("restart", [*FULL, "--restart", "on-failure:1", "--restart-delay", "10ms"], attempts=2),
    Scenario("prefixed", ["--console", "prefixed", *RECORDED]),
    Scenario("pty", ["--pty", "--log", "@/log", *RECORDED], merged=True),
    Scenario("hooks", ["--before", "true", "--after", "true", "--env", "A=1", "--chdir", "/", *RECORDED]),
    Scenario("thread", FULL, script=CHATTERBOX, lines=8, words=LONG_WORDS, threads=True),
    Scenario("detach", [*FULL, "--detach"], threads=True, detached=True),
]
