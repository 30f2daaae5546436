#!/usr/bin/python3
"""What `toolkit help` says: commands, topics, and the way from a mistake to the right word.

Usage: help_test.py [TOOLKIT]   (else $TOOLKIT_BINARY)
"""
import os
import re
import subprocess
import sys

TOOLKIT = sys.argv[1] if len(sys.argv) > 1 else os.environ["TOOLKIT_BINARY"]
COMMANDS = ["run", "sync", "wait", "env", "check-gpu", "completion", "man"]
TOPICS = ["exit-codes", "signals", "kubernetes", "slurm", "sagemaker"]
wrong = []


def expect(what, true):
    if not true:
        wrong.append(what)


def ask(*words):
    return subprocess.run([TOOLKIT, *words], capture_output=True, text=True)


def options_of(command):
    return set(re.findall(r"(?<!\S)--[a-z][a-z-]+", ask(command, "--help").stdout))


def codes_in(text, title):
    """The table below a title, up to the blank line behind it."""
    return text.partition(f"\n{title}:\n")[2].partition("\n\n")[0].rstrip()


overview = ask("help")
expect("help succeeds", overview.returncode == 0 and not overview.stderr)
for word in COMMANDS + TOPICS:
    expect(f"help lists {word}", re.search(rf"^  {word}  ", overview.stdout, re.MULTILINE))

exit_codes = ask("help", "exit-codes").stdout
for command in COMMANDS:
    own = ask(command, "--help")
    expect(f"help {command} is {command} --help", ask("help", command).stdout == own.stdout)
    table = codes_in(own.stdout, "Exit codes")
    expect(f"exit-codes has those of {command}", table and codes_in(exit_codes, f"toolkit {command}") == table)

known = set().union(*map(options_of, COMMANDS))
not_ours = {"--ntasks-per-node", "--signal"}  # of srun and sbatch
for topic in TOPICS:
    page = ask("help", topic)
    expect(f"help {topic} succeeds", page.returncode == 0 and not page.stderr and len(page.stdout) > 500)
    expect(f"{topic} fits a terminal", max(map(len, page.stdout.splitlines())) <= 80)
    expect(f"{topic} has no placeholder left", not re.search(r"@[A-Z_]+@", page.stdout))
    strange = set(re.findall(r"(?<!\S)--[a-z][a-z-]+", page.stdout)) - known - not_ours
    expect(f"{topic} names only options that exist, not {sorted(strange)}", not strange)

for word, meant in {"signal": "signals", "exitcodes": "exit-codes", "slrum": "slurm", "rum": "run"}.items():
    answer = ask("help", word)
    expect(f"{word} is wrong usage", answer.returncode == 2 and not answer.stdout)
    expect(f"{word} leads to {meant}", answer.stderr == f"toolkit help: no help on '{word}'\n  try: toolkit help {meant}\n")
answer = ask("help", "signals", "slurm")
expect("one topic at a time", answer.returncode == 2 and not answer.stdout and "'slurm'" in answer.stderr)
with open("/dev/full", "w") as full:
    answer = subprocess.run([TOOLKIT, "help", "signals"], stdout=full, stderr=subprocess.PIPE, text=True)
expect("help that cannot be written is told", answer.returncode == 1 and "no space left" in answer.stderr)
answer = ask("help", "weather")
expect("weather leads to the list", answer.stderr.endswith("try: toolkit help lists commands and topics\n"))

print("\n".join(f"not true: {what}" for what in wrong) or "help is as it should be")
sys.exit(1 if wrong else 0)
