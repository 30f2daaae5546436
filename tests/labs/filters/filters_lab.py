#!/usr/bin/env python3
"""Holds the rules and the walk against rsync: random trees and rules, the same sets of files and directories.

  filters_lab.py FILTER_CASES

Most cases are many to a call of rsync: a directory each, whose rules are its own merge file (`--filter=': .rules'`).
The others are one tree with several lists of options, with -m, with SRC/ and SRC, with bad rules, and with
--debug=FILTER, which names the rule that decided. FULL=1 draws 100,000, CASES=n another number, LISTS=n so many of the second kind, SEED=n repeats.
"""
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

import drawn

DECIDED = re.compile(r"^\[sender\] (show|hid)ing (?:file|directory) (.*) because of pattern (.*?)"
                     r"(?: \[(?:global CVS|per-dir .*)\])?$", re.DOTALL)
ABSOLUTE = re.compile(r"(?:^|\r)(?:[a-z-]+,|[-+.:HSPR],?)[^ _\n\r]*/[^ _\n\r]*[ _]", re.MULTILINE)
PER_BATCH = 250


def quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="/")


class Ours:
    """The program that answers from our own code."""

    def __init__(self, program: str):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, *fields: str):
        self.process.stdin.write("\t".join([fields[0], *map(quoted, fields[1:])]) + "\n")

    def ask(self, *fields: str):
        self.say(*fields)
        self.process.stdin.flush()
        answers = []
        while (line := self.process.stdout.readline()) not in (".\n", ""):
            answers.append([urllib.parse.unquote(field) for field in line.rstrip("\n").split("\t")])
        if line == "":
            sys.exit("filter_cases has died")
        return answers

    def selected(self, command: str):
        answers = self.ask(command)
        errors = [answer for answer in answers if answer[0] == "!"]
        return {key + ("/" if kind == "d" else "") for kind, key, *_ in answers if kind != "!"}, errors

    def tree(self, root: str, directories, files):
        self.say("tree")
        self.say("root", root)
        for key in directories:
            self.say("d", key)
        for key, content in files:
            self.say("f", key, content)


class Rsync:
    """What rsync would transfer, and which pattern decided."""

    def __init__(self, folder: pathlib.Path):
        self.empty = folder / "empty"
        self.empty.mkdir()

    def ask(self, folder: pathlib.Path, source: str, arguments):
        command = ["rsync", "-rn", "-8", "--out-format=@@%i|%n", *arguments, source, str(self.empty) + "/"]
        done = subprocess.run(command, cwd=folder, capture_output=True, env={**os.environ, "LC_ALL": "C", "HOME": "/"})
        names, decided = set(), {}
        for line in done.stdout.decode(errors="surrogateescape").split("\n"):
            if line.startswith("@@") and not line.endswith("|./"):
                names.add(line[line.index("|") + 1:])
            elif match := DECIDED.match(line):
                decided[match[2]] = (match[1] == "show", match[3])
        return names, decided, done.returncode, done.stderr.decode(errors="replace")


def write_tree(root: pathlib.Path, directories, files):
    root.mkdir()
    for key in directories:
        (root / key).mkdir()
    for key, content in files:
        (root / key).write_text(content, newline="")


class Lab:
    def __init__(self, program: str, folder: pathlib.Path, seed: int):
        self.rng = random.Random(seed)
        self.ours = Ours(program)
        self.rsync = Rsync(folder)
        self.folder = folder
        self.seed = seed
        self.cases = self.wrong = self.explained = self.refused = self.excluding = 0

    def complain(self, what: str, **about):
        self.wrong += 1
        print(f"seed {self.seed}, case {self.cases}: {what}")
        for name, value in about.items():
            print(f"  {name}: {value!r}")

    def compare(self, ours, theirs, **about):
        self.cases += 1
        if ours != theirs:
            self.complain("another selection", only_ours=sorted(ours - theirs), only_rsync=sorted(theirs - ours), **about)

    def merge_files(self, count: int):
        """Many cases in one call: each directory has rules of its own."""
        rng, root = self.rng, self.folder / "batch"
        directories, files, cases = [], [], {}
        modifiers = rng.choice(["", "", "", "e", "n", "s", "-", "+", "/", "en", "w-", "C", "p"])
        merges = modifiers in ("", "e", "n", "en", "/")
        for number in range(count):
            top = f"{rng.choice('abcx')}{number}"
            below, names = drawn.tree_of(rng, 14)
            keys = below + names
            rules = (drawn.rule_file(rng, keys, f"{root}/{top}") if not set("s-+C") & set(modifiers) else
                     "\n".join(drawn.pattern_of(rng, keys) for _ in range(3)) if modifiers != "s" else
                     "\n".join(rng.choice("+-") + " " + drawn.pattern_of(rng, keys) for _ in range(4)))
            texts = {name: "" for name in names}
            if merges and rng.random() < 0.3 and below:  # a directory below with rules of its own
                inner = rng.choice(below)
                texts[inner + "/.rules"] = drawn.rule_file(rng, keys, f"{root}/{top}")
            if merges and rng.random() < 0.15:
                # rsync 3.5 hides what a rule for the receiver protects, in a file that a merge file merges.
                texts["more"] = drawn.rule_file(rng, keys, f"{root}/{top}", sides=False)
                rules += rng.choice(["\n. ./more\n", "\nmerge ./more\n", "\n: more\n", "\n:n more\n"])
            texts[".rules"] = rules
            if any(set(key) & set("*?[\\") for key in below):
                texts = {key: text for key, text in texts.items() if not key.endswith("/.rules")}
            directories += [top] + [f"{top}/{key}" for key in below]
            files += [(f"{top}/{key}", text) for key, text in texts.items()]
            cases[top] = (keys, texts)
        write_tree(root, directories, files)
        rule = ":" + modifiers + " .rules"
        theirs, _, code, trouble = self.rsync.ask(self.folder, "batch/", ["--filter=" + rule])
        self.ours.tree(str(root), directories, files)
        self.ours.say("rules")
        self.ours.say("rule", "filter", rule)
        ours, errors = self.ours.selected("walk")
        shutil.rmtree(root)
        if code != 0 or errors:
            self.complain("a call failed", rsync=trouble, ours=errors, rule=rule)
        for top, (keys, texts) in cases.items():
            mine = {name for name in ours if name.split("/")[0] == top}
            yours = {name for name in theirs if name.split("/")[0] == top}
            self.excluding += len(yours) < len(keys) + len(texts)
            self.compare(mine, yours, rule=rule, tree=keys, files=texts)

    def options(self, keys, root: str):
        """A list of (form, text), and the files that it names."""
        rng, rules, files = self.rng, [], {}
        for number in range(rng.randint(1, 6)):
            form = rng.choice(["include", "exclude", "filter", "filter", "filter", "merge", "from", "bad", "seed", "dir", "up"])
            path = f"{self.folder}/rules{number}"
            if form == "bad" and rng.random() < 0.3:
                rules.append(("filter", drawn.bad_rule(rng)))
            elif form == "filter":
                rules.append(("filter", drawn.filter_rule(rng, keys, root, cvs=True)))
            elif form == "merge":
                modifiers = rng.choice(["", "", "/", "-", "+", "w-", "e", "n", "s", "r", "p"])
                files[path] = (drawn.pattern_file(rng, keys) if "-" in modifiers or "+" in modifiers else
                               drawn.rule_file(rng, keys, root))
                rules.append(("filter", rng.choice([".", "merge" + ("," if modifiers else "")]) + modifiers + " " + path))
            elif form == "dir":
                rules.append(("filter", rng.choice([": ", ":n ", ":e ", "dir-merge,en_", ":/ "]) + ".rules"))
            elif form == "up" and rng.random() < 0.3:
                files[f"{self.folder}/.up"] = drawn.rule_file(rng, keys, root, sides=False)
                rules.append(("filter", rng.choice([": ", ":n ", ":e "]) + rng.choice(["../", f"{self.folder}/"]) + ".up"))
            elif form == "from":
                files[path] = drawn.pattern_file(rng, keys)
                rules.append((rng.choice(["include-from", "exclude-from"]), path))
            elif form == "seed" and rng.random() < 0.3:
                rules += [("include", drawn.pattern_of(rng, keys)), ("include", "*/"), ("exclude", "*")]
            elif form in ("include", "exclude"):
                prefix = rng.choice([""] * 8 + ["- ", "+ ", "!"])
                rules.append((form, prefix + drawn.pattern_of(rng, keys)))
        return rules, files

    def option_lists(self, count: int):
        """One tree, several lists of options."""
        rng, root = self.rng, self.folder / "tree"
        directories, names = drawn.tree_of(rng, 50)
        plain = [key for key in directories if not set(key) & set("*?[\\")]
        rules_at = [f"{key}/.rules" for key in rng.sample(plain, min(2, len(plain)))] + [".rules"]
        files = [(name, "") for name in names]
        files += [(key, drawn.rule_file(rng, directories + names, str(root))) for key in rules_at]
        names += rules_at
        write_tree(root, directories, files)
        inside = [(f"tree/{key}", text) for key, text in files]
        for _ in range(count):
            whole = rng.random() < 0.7  # SRC/, else SRC
            keys = [key if whole else "tree/" + key for key in directories + names]
            if whole:
                self.ours.tree(str(root), directories, files)
            else:
                self.ours.tree(str(self.folder), ["tree"] + ["tree/" + key for key in directories], inside)
            rules, texts = self.options(keys, str(root))
            self.ours.say("rules")
            for path, text in texts.items():
                pathlib.Path(path).write_text(text, newline="")
                self.ours.say("file", path, text)
            if not whole:
                self.ours.say("only", "tree")
            for form, text in rules:
                self.ours.say("rule", form, text)
            self.judge(keys, rules, texts, "tree/" if whole else "tree")
            for path in texts:
                pathlib.Path(path).unlink()
        shutil.rmtree(root)

    def judge(self, keys, rules, texts, source):
        # At the receiver rsync holds the modifier "/" against the destination's path; we have the source's.
        absolute = any(ABSOLUTE.search(text) for text in [text for _, text in rules] + list(texts.values()))
        prunes = self.rng.random() < 0.4 and not absolute
        arguments = [f"--{form}={text}" for form, text in rules]
        theirs, decided, code, trouble = self.rsync.ask(
            self.folder, source, arguments + ["--debug=FILTER"] + (["-m"] if prunes else []))
        ours, errors = self.ours.selected("prune" if prunes else "walk")
        self.excluding += len(theirs) < len(keys)
        if (code == 1) != bool(errors) or code not in (0, 1):
            self.cases += 1
            self.complain("one of them refuses the rules", ours=errors, rsync=trouble, rules=rules, files=texts)
            return
        self.refused += code == 1
        if code == 1:
            self.cases += 1
            return
        self.compare(ours, theirs, rules=rules, files=texts, source=source, prunes=prunes, tree=keys)
        for key in self.rng.sample(sorted(decided), min(4, len(decided))):
            self.explain(key, decided, rules, texts)

    def explain(self, key: str, decided, rules, texts):
        """A path that rsync came to: the parents are shown."""
        answers = self.ours.ask("explain", key)
        self.explained += 1
        shown, pattern = decided[key]
        if not answers or answers[0][0] not in "+-":
            self.complain("no explanation", key=key, answers=answers, rules=rules, files=texts)
            return
        sign, at, rule, why = answers[0]
        hidden = pattern.startswith("<rule from ")  # rsync 3.5 does not quote files
        same = "(--" not in why if hidden else rule.split(" ", 1)[-1] == pattern
        if (sign == "+") != shown or at != key or not same:
            self.complain("another rule decided", key=key, ours=answers[0], rsync=decided[key], rules=rules, files=texts)


def main() -> int:
    if shutil.which("rsync") is None:
        print("skipped: rsync is not installed")
        return 77
    full = os.environ.get("FULL") == "1"
    count = int(os.environ.get("CASES", "100000" if full else "3000"))
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {seed}", flush=True)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="filters", dir=memory) as folder:
        lab = Lab(sys.argv[1], pathlib.Path(folder).resolve(), seed)
        lists = int(os.environ.get("LISTS", min(count // 20, 3000)))
        while lab.cases < lists and lab.wrong < 5:
            lab.option_lists(min(15, lists - lab.cases))
        while lab.cases < count and lab.wrong < 5:
            lab.merge_files(min(PER_BATCH, count - lab.cases))
    print(f"{lab.cases} cases, {lab.excluding} of them exclude something, {lab.refused} refused; "
          f"{lab.explained} explanations; {lab.wrong} wrong")
    return 1 if lab.wrong or lab.cases < count else 0


if __name__ == "__main__":
    sys.exit(main())
