#!/usr/bin/env python3
"""The manifests of tests/manifests: what an engine would refuse, and command lines that this binary would.

    manifests_test.py TOOLKIT FOLDER

Each command line of `toolkit` is given to the binary itself with --show-config, the lines behind `--` too.
No cluster reads the manifests here: tests/manifests/README.md says what was held against which schema.
"""
import pathlib
import subprocess
import sys

try:
    import yaml
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

FAULTS = []


def expect(holds, words):
    if not holds:
        FAULTS.append(words)


def objects(tree):
    """Every mapping in a document."""
    if isinstance(tree, dict):
        yield tree
    for branch in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []:
        yield from objects(branch)


def lines_of(command):
    """The lines of toolkit in a command: an MPI launcher starts one more behind its own."""
    starts = [at for at, word in enumerate(command) if word == "toolkit"]
    for at, end in zip(starts, starts[1:] + [len(command)]):
        yield command[at + 1:end]


def check_line(toolkit, where, line):
    options = line[:line.index("--")] if "--" in line else line
    shown = subprocess.run([toolkit, *options, "--show-config"], capture_output=True, text=True, check=False)
    expect(shown.returncode == 0, f"{where}: {line}: {shown.stderr}")
    said = [row.split()[0] for row in shown.stdout.splitlines() if "command line" in row]
    wanted = {word[2:] for word in options if word.startswith("--")}
    expect(wanted <= set(said), f"{where}: {wanted - set(said)} are not known as given")
    expect(line[0] != "run" or "--" in line and line[-1] != "--", f"{where}: {line}: no program to run")


def check_pod(where, spec):
    """What holds for every Pod: mounts have volumes, the grace of run ends before the engine's own."""
    volumes = {volume["name"] for volume in spec.get("volumes", [])}
    grace = spec.get("terminationGracePeriodSeconds", 30)
    for container in spec["containers"] + spec.get("initContainers", []):
        expect(container.get("image") and container.get("command"), f"{where}: {container['name']}: image or command")
        for mount in container.get("volumeMounts", []):
            expect(mount["name"] in volumes, f"{where}: no volume {mount['name']}")
        words = container["command"]
        for word, value in zip(words, words[1:]):
            expect(word != "--grace" or int(value.removesuffix("s")) < grace, f"{where}: --grace {value}")
        for value in container.get("resources", {}).get("limits", {}).values():
            expect(isinstance(value, str), f"{where}: a quantity is text")
        expect(all(isinstance(word, str) for word in words), f"{where}: {words}: a word is not text")


def check_file(toolkit, path):
    pods, lines = 0, 0
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        expect({"apiVersion", "kind", "metadata", "spec"} <= set(document), f"{path.name}: no object of Kubernetes")
        for one in objects(document):
            if "containers" in one:
                pods += 1
                check_pod(path.name, one)
            for line in lines_of(one.get("command", [])):
                lines += 1
                check_line(toolkit, path.name, line)
    expect(pods > 0 and lines > 0, f"{path.name}: no Pod with a line of toolkit")
    return lines


def main():
    toolkit, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    files = sorted(folder.glob("*.yaml"))
    lines = sum(check_file(toolkit, path) for path in files)
    expect(len(files) == 6, f"{len(files)} manifests")
    print("\n".join(FAULTS) or f"{lines} command lines of {len(files)} manifests are understood")
    sys.exit(1 if FAULTS else 0)


main()
