#!/usr/bin/env python3
"""Random host lists through our parser and through Slurm's `scontrol show hostnames`, and names through
`scontrol show hostlist`. Draws 3,000 expressions, with FULL=1 100,000; SEED=N repeats a run.

    host_lists_lab.py DRIVER ROOT [SCONTROL...]

ROOT is where FULL=1 makes a Debian 13 with its own scontrol. More commands may be named. Exits 77 with a
reason where there is no scontrol, unless TOOLKIT_LABS=required.
"""
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

BATCH = 1000
COMMON = pathlib.Path(__file__).resolve().parent.parent / "roots" / "common.sh"
NAMES = ["n", "gpu", "a-b", "node-", "r1c", "", "x", "ip-10-0-0-", "n_", "c0", "login.example"]
# What no administrator writes, and what a parser must have an answer to all the same. Not 2^64-1: scontrol counts
# up to it for ever.
ODD = ["", "-", "3-1", "1-", "-1", "1--2", "a", "1a", "1a-3", "+1", "1x2", "0-65536", "1,", "]", "[",
       "00001", "1-2-3"]


def number(draw):
    digits = str(draw.choice([0, 1, 2, 7, 9, 10, 98, 99, 100, 1234]))
    return "0" * draw.choice([0, 0, 0, 1, 2, 4]) + digits


def part(draw, odd):
    if draw.random() < odd:
        return draw.choice(ODD)
    if draw.random() < 0.5:
        return number(draw)
    low = number(draw)
    return f"{low}-{int(low) + draw.choice([0, 1, 2, 5, 20])}"


def word(draw, odd):
    text = draw.choice(NAMES)
    for _ in range(draw.choice([0, 1, 1, 1, 2, 2, 3])):
        text += "[" + ",".join(part(draw, odd) for _ in range(draw.choice([1, 1, 2, 3]))) + "]"
        if draw.random() < 0.3:
            text += draw.choice(["-ib0", "c", "000", "rack", "1"])
    if not text or draw.random() < 0.3:
        text += number(draw)
    for _ in range(draw.choice([0, 0, 0, 1, 2])):  # a slip of the hand
        if draw.random() < odd * 3:
            at = draw.randrange(len(text) + 1)
            text = text[:at] + draw.choice(["[", "]", ",", "-", ""]) + text[at + draw.choice([0, 1]):]
    return text


def expression(draw):
    odd = draw.choice([0, 0, 0, 0.05, 0.3])
    separator = draw.choice([" ", "\t", "\n", ", "] if draw.random() < 0.02 else [",", ",", ",,"])
    text = separator.join(word(draw, odd) for _ in range(draw.choice([1, 1, 2, 3])))
    return text if text.strip(" ,\t\n") else "n1"


def names(draw):
    """A list for `show hostlist`: runs, gaps, widths, repetitions."""
    chosen = []
    while len(chosen) < draw.choice([1, 3, 8]):
        head, low, width = draw.choice(["n", "gpu", "r1c", "login"]), draw.choice([0, 1, 8, 9, 98]), draw.choice([0, 2, 3])
        chosen += [f"{head}{i:0{width}}" for i in range(low, low + draw.choice([1, 1, 2, 4]))]
    return chosen


class Scontrol:
    """One installed scontrol. It answers many questions in one process; where it says an error, it goes on."""

    def __init__(self, command, folder):
        conf = pathlib.Path(folder, "slurm.conf")
        conf.write_text("ClusterName=lab\nSlurmctldHost=localhost\nNodeName=n1\nPartitionName=p Nodes=n1\n",
                        encoding="utf-8")
        self.command, self.environment = command, {**os.environ, "LC_ALL": "C", "COLUMNS": "30000"}
        self.environment.setdefault("SLURM_CONF", str(conf))
        if command[0] == "chroot":
            self.environment["SLURM_CONF"] = "/etc/slurm/slurm.conf"
            pathlib.Path(command[1], "etc/slurm").mkdir(exist_ok=True)
            shutil.copy(conf, pathlib.Path(command[1], "etc/slurm/slurm.conf"))
        told = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False, env=self.environment)
        if not (found := re.search(r"(\d+)\.(\d+)", told.stdout)):
            sys.exit(f"{command}: {told.stdout}{told.stderr}")
        self.version, self.grammar = told.stdout.strip(), "22" if int(found[1]) < 24 else "24"

    def ask(self, verb, texts):
        """Its answers, each a text of lines, or None for an error. A question with blanks in it is asked alone."""
        together = iter(self.ask_together(verb, [text for text in texts if not re.search(r"\s", text)]))
        return [self.ask_alone(verb, text) if re.search(r"\s", text) else next(together) for text in texts]

    def ask_alone(self, verb, text):
        run = subprocess.run([*self.command, "--", "show", verb, text], capture_output=True, text=True, check=False,
                             env=self.environment)
        return None if "Invalid hostlist" in run.stderr else run.stdout.rstrip("\n")

    def ask_together(self, verb, texts):
        lines = "".join(f'show {verb} {text}\nshow hostnames @{i}@\n' for i, text in enumerate(texts))
        run = subprocess.run(self.command, input=lines, capture_output=True, text=True, check=False, env=self.environment)
        refused = re.findall(r"(?m)^Invalid hostlist: (.*)$", run.stderr)
        answers, rows = [], []
        for line in run.stdout.split("\n"):
            if line.startswith("scontrol: "):
                continue  # its prompt, and the question again
            if line == f"@{len(answers)}@":
                text = texts[len(answers)]
                failed = not rows and refused and refused[0] == text
                answers.append(None if failed else "\n".join(rows))
                rows = []
                refused = refused[1:] if failed else refused
            else:
                rows.append(line)
        if len(answers) != len(texts) or refused:
            sys.exit(f"{self.version} answered {len(answers)} of {len(texts)}, {len(refused)} errors left: {refused[:3]}")
        return answers


def ours(driver, questions):
    told = subprocess.run([driver], input="".join(f"{q}\0" for q in questions), capture_output=True, text=True, check=True)
    return told.stdout.split("\0")[:-1]


def draw_expressions(driver, draw, count):
    """Without those whose thousands of hosts take scontrol minutes: it moves the rest for each one it prints."""
    drawn = []
    while len(drawn) < count:
        batch = [expression(draw) for _ in range(min(BATCH, count - len(drawn)))]
        answers = zip(*(ours(driver, [f"{grammar} {text}" for text in batch]) for grammar in ("22", "24")), strict=True)
        drawn += [text for text, both in zip(batch, answers, strict=True)
                  if not any("more than 3000 hosts" in answer for answer in both)]
    return drawn


def dropped(text):
    """A bad range in the first of three brackets: Slurm forgets the word without a sound, we say an error."""
    return any(each.count("[") >= 3 for each in re.split(r"[ ,]+(?![^\[]*\])", text))


def compare(driver, scontrol, drawn):
    """How many agree, and the first disagreements."""
    stricter, wrong = 0, []
    for start in range(0, len(drawn), BATCH):
        batch = drawn[start:start + BATCH]
        theirs = scontrol.ask("hostnames", batch)
        mine = ours(driver, [f"{scontrol.grammar} {text}" for text in batch])
        for text, their, my in zip(batch, theirs, mine, strict=True):
            if (my.startswith("error: ") and their is None) or my == their:
                continue
            if my.startswith("error: ") and dropped(text):
                stricter += 1
            else:
                wrong.append(f"{text!r}: scontrol {their!r}, we {my!r}")
    return stricter, wrong


def compare_folds(driver, scontrol, drawn):
    theirs = scontrol.ask("hostlist", [",".join(each) for each in drawn])
    mine = ours(driver, ["fold " + ",".join(each) for each in drawn])
    return [f"{each}: scontrol {their!r}, we {my!r}"
            for each, their, my in zip(drawn, theirs, mine, strict=True) if their != my]


def scontrols(root, more, folder):
    found = [[path] for path in [shutil.which("scontrol"), *more] if path]
    if os.environ.get("FULL") and os.geteuid() == 0:
        subprocess.run(["bash", "-c", '. "$1" && make_root trixie "$2" --include=slurm-client', "-", COMMON, root], check=False)
    if pathlib.Path(root, "usr/bin/scontrol").exists() and os.geteuid() == 0:
        found.append(["chroot", root, "scontrol"])
    return [Scontrol(command, folder) for command in found]


def main():
    driver, root, *more = sys.argv[1:]
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
    count = 100_000 if os.environ.get("FULL") else 3000
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        peers = scontrols(root, more, folder)
        if not peers:
            print("skipped: no scontrol (package slurm-client)")
            return 1 if os.environ.get("TOOLKIT_LABS") == "required" else 77
        for peer in peers:
            draw = random.Random(seed)
            drawn = draw_expressions(driver, draw, count)
            stricter, wrong = compare(driver, peer, drawn)
            folded = [names(draw) for _ in range(count // 10)]
            wrong_folds = compare_folds(driver, peer, folded)
            print(f"{peer.version}, SEED={seed}: {count - stricter - len(wrong)} of {count} expressions agree, "
                  f"{stricter} are errors here where scontrol drops a word, {len(wrong)} differ; "
                  f"{len(folded) - len(wrong_folds)} of {len(folded)} folds agree")
            print("\n".join([*wrong, *wrong_folds][:10]))
            failed = failed or bool(wrong or wrong_folds)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
