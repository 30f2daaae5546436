#!/usr/bin/env python3
"""`toolkit wait pid:` on this kernel, with recycled numbers, and on a Linux 6.1 that keeps no exit codes (the
package user-mode-linux, which needs no virtual machine). Exits 77 with a reason where nothing can run.

    ladder_lab.py TOOLKIT WORK_FOLDER [WHY_NOT_ON_THE_OLDER]
"""
import os
import pathlib
import random
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# Nothing of the machine's own /tmp, /run or /dev is touched: mounts of the little kernel itself.
INIT = """#!/bin/sh
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
export PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONDONTWRITEBYTECODE=1
{python} {here}/ladder.py {toolkit} {seed} {trials} >{out} 2>&1
echo "exit $?" >>{out}
exec {python} -c 'import ctypes; ctypes.CDLL(None).reboot(0x4321fedc)'
"""


def run(*words, timeout):
    result = subprocess.run([str(word) for word in words], timeout=timeout, text=True, check=False,
                            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
    return result.returncode == 0


def on_old_kernel(toolkit, work, seed):
    kernel = os.environ.get("LINUX_UML") or shutil.which("linux.uml")
    if kernel is None:
        print("skip   Linux 6.1: the package user-mode-linux is not installed")
        return os.environ.get("TOOLKIT_LABS") != "required"
    out, init = work / "uml.out", work / "init.sh"
    out.unlink(missing_ok=True)
    init.write_text(INIT.format(python=sys.executable, here=HERE, toolkit=toolkit, seed=seed, trials=20, out=out))
    init.chmod(0o755)
    # A session of its own, so that the end of the kernel cannot take us along.
    console = subprocess.run([kernel, "mem=512M", "rootfstype=hostfs", "rootflags=/", "rw", f"init={init}", "con=null",
                              "con0=null,fd:1", "quiet", f"uml_dir={work}"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240, check=False,
                             start_new_session=True)
    text = out.read_text() if out.exists() else console.stdout.decode(errors="replace")[-2000:]
    print(text, flush=True)
    return "does not tell" in text and text.endswith("exit 0\n")


def main():
    toolkit, work = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    if os.geteuid() != 0:
        print("skipped: other users and PID namespaces need root")
        return 77
    work.mkdir(parents=True, exist_ok=True)
    seed = random.randrange(1 << 32)
    trials = 200 if os.environ.get("FULL") else 40
    why_not = sys.argv[3] if len(sys.argv) > 3 else ""
    if why_not:
        print(f"skip   Linux 6.1: {why_not}", flush=True)
    results = [run(sys.executable, HERE / "ladder.py", toolkit, seed, trials, timeout=300),
               run("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, HERE / "recycled.py",
                   toolkit, trials, timeout=300),
               bool(why_not) or on_old_kernel(toolkit, work.resolve(), seed)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
