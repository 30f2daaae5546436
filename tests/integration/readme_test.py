#!/usr/bin/env python3
"""Every block of README.md, run as a reader would paste it.

`sh` blocks run in one fresh directory with the built toolkit first in PATH; `make install` installs the
build under test, and blocks that would build and test everything again are only checked for their
targets. The `text` block must have the shape of what the block before it printed. The `dockerfile` block
is built and run where podman can (else the reason is printed).
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ["TOOLKIT_BINARY"]
failures = []


def check(ok, what, detail=""):
    print(("ok    " if ok else "FAIL  ") + what)
    if not ok:
        print(detail)
        failures.append(what)


def blocks():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        return re.findall(r"^```(\w+)\n(.*?)^```$", file.read(), re.S | re.M)


def shape(line):
    """Numbers and units differ from run to run; the words and their order do not."""
    line = line.split("; …")[0]
    return re.sub(r"\d+(\.\d+)? ?(ms|s|KiB|MiB|B)\b", "N", re.sub(r"\[[-0-9: ]+\]", "[T]", line)).strip()


def run_shell(text, directory):
    env = dict(os.environ, PATH=directory + ":" + os.environ["PATH"], HOME=directory,
               TOOLKIT_STATE_DIR=os.path.join(directory, "state"))
    return subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=directory, env=env, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def make_block(text, directory):
    if "make install" in text:
        build = os.path.dirname(BINARY)
        done = subprocess.run(["cmake", "--install", build, "--prefix", directory + "/.local"], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        installed = [".local/bin/toolkit", ".local/share/man/man1/toolkit-run.1",
                     ".local/share/bash-completion/completions/toolkit"]
        missing = [path for path in installed if not os.path.exists(os.path.join(directory, path))]
        check(done.returncode == 0 and not missing, "make install puts everything in place",
              done.stdout + str(missing))
        return
    for target in re.findall(r"^make (\w+)", text, re.M):
        known = subprocess.run(["make", "-C", ROOT, "-n", target], check=False, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL).returncode == 0
        check(known, f"make {target} is a target")


def shell_block(text, directory):
    done = run_shell(text, directory)
    # A block that ends in showing an exit code ends with 0 itself.
    check(done.returncode == 0, "sh block: " + text.splitlines()[0], done.stdout)
    return done.stdout


def docker_block(text, directory):
    if shutil.which("podman") is None:
        print("skip  dockerfile block: podman is not installed")
        return
    context = os.path.join(directory, "image")
    os.mkdir(context)
    shutil.copy(BINARY, os.path.join(context, "toolkit"))
    shutil.copy("/bin/busybox" if os.path.exists("/bin/busybox") else BINARY, os.path.join(context, "train"))
    with open(os.path.join(context, "Dockerfile"), "w", encoding="utf-8") as file:
        file.write(text)
    done = subprocess.run(["podman", "build", "--isolation", "chroot", "-t", "toolkit-readme", context], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    check(done.returncode == 0, "dockerfile block builds", done.stdout)
    subprocess.run(["podman", "rmi", "-f", "toolkit-readme"], check=False, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def main():
    directory = tempfile.mkdtemp(prefix="toolkit-readme-")
    os.symlink(BINARY, os.path.join(directory, "toolkit"))
    printed = ""
    for language, text in blocks():
        if language == "sh" and re.search(r"^make ", text, re.M):
            make_block(text, directory)
        elif language == "sh":
            printed = shell_block(text, directory)
        elif language == "text":
            shapes = {shape(line) for line in printed.splitlines()}
            for line in text.splitlines():
                check(any(seen.startswith(shape(line)) for seen in shapes), "printed as shown: " + line, printed)
        elif language == "dockerfile":
            docker_block(text, directory)
        else:
            check(False, f"a block of an unknown kind: {language}")
    if not failures:
        shutil.rmtree(directory)
    sys.exit(1 if failures else 0)


main()
