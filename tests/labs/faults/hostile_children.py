"""Children that do what no child should."""

import os
import subprocess
import sys
import time
from pathlib import Path

from run_case import lasted
from workers import end_everybody, read_text


def closing(lab):
    place = lab.folder("closing")
    log = ["--log", str(place / "log")]
    lab.check("closes its output and goes on", *lasted(lab.run(log, "exec >&- 2>&-; sleep 0.3; exit 3"), 3))
    lab.check("closes everything", *lasted(lab.run(log, "exec <&- >&- 2>&-; sleep 0.1; exit 3"), 3))
    ended = lab.run(["--drain", "0s"], "trap '' TERM; (setsid sleep 60 &); exit 3")
    lab.check("leaves a daemon, and no time for it", *lasted(ended, 3), ("cannot be killed" not in ended.err, ended.err))
    ended = lab.run(["--pty", *log], "exec <&- >&- 2>&-; sleep 0.2; exec >/dev/tty; echo back; exit 3")
    lab.check("leaves its terminal and comes back", *lasted(ended, 3), (b"back" in ended.out, f"{ended.out!r}"))


def noise(lab):
    place = lab.folder("noise")
    noise_file = place / "noise"
    noise_file.write_bytes(os.urandom(1 << 20) + b"\x1b[2J\x1b]0;title\x07\r\r\n" * 100 + b"no newline")
    for form in ("text", "json", "cri", "raw"):
        log = place / f"log.{form}"
        ended = lab.run(["--log", str(log), "--log-format", form], ["cat", str(noise_file)])
        lab.check(f"writes noise, logged as {form}", *lasted(ended, 0), (ended.out == noise_file.read_bytes(), "the console has other bytes"))
    back = subprocess.run([lab.toolkit, "run", "--restore", "stdout", str(place / "log.cri")], capture_output=True)
    lab.check("the noise comes back from cri", (back.stdout == noise_file.read_bytes(), f"{len(back.stdout)} bytes"))
    lab.check("the raw log has the noise", (read_bytes(place / "log.raw") == noise_file.read_bytes(), "other bytes"))
    ended = lab.run(["--console", "prefixed"], ["cat", str(noise_file)])
    lab.check("writes noise to a prefixed console", *lasted(ended, 0))


def read_bytes(path):
    return Path(path).read_bytes()


def odd_processes(lab):
    place = lab.folder("odd")
    name = 'import ctypes,signal,time,os,sys\nsignal.signal(15,signal.SIG_IGN)\nctypes.CDLL(None).prctl(15,b") R 1 1 (\\n")\n'
    daemon = f"{name}\nif os.fork()==0:\n  os.setsid()\n  open('up','w').close()\n  time.sleep(60)\nwhile not os.path.exists('up'): time.sleep(0.01)\nsys.exit(3)"
    ended = lab.run(["--drain", "100ms"], [sys.executable, "-c", daemon], cwd=place)
    lab.check("leaves a daemon with a misleading name", *lasted(ended, 3, 5), ("killing 1 process" in ended.err, ended.err),
              ("(\n" not in ended.err, "the name's newline is on our stderr"))
    ended = lab.run(["--timeout", "300ms", "--grace", "200ms"], "kill -STOP $$; sleep 60")
    lab.check("stops itself", *lasted(ended, 124, 5))
    ended = lab.run(["--grace", "300ms"], "trap '' TERM; kill -TERM $PPID; sleep 60")
    lab.check("cancels its own supervisor and ignores it", *lasted(ended, 137, 5))
    ended = lab.run(["--grace", "5s"], "trap 'exit 9' TERM; for s in HUP USR1 USR2 ALRM WINCH CHLD PIPE URG 40 64; do trap : $s; kill -$s $PPID; done; sleep 0.2; kill -TERM $PPID; sleep 9 & wait; wait")
    lab.check("sends its supervisor every signal", *lasted(ended, 9, 8))


def with_flooded_input(lab, options, child):
    """`yes` is below us too, and the lab counts as left behind only who is below `run`."""
    flood = subprocess.Popen(["yes"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    ended = lab.run(options, child, stdin=flood.stdout)
    flood.stdout.close()
    flood.wait()
    ended.left = [name for name in ended.left if not name.startswith("yes ")]
    return ended


def stuck_pipes(lab):
    place = lab.folder("stuck")
    ended = lab.run(["--stall", "300ms", "--log", str(place / "log")], "seq 200000; exit 3", read=False)
    lab.check("writes to a console that nobody reads", *lasted(ended, 3, 8),
              (": 200000\n" in read_text(place / "log"), "the log has not all"))
    ended = with_flooded_input(lab, ["--pty"], "sleep 1; exit 3")
    lab.check("does not read a flooded terminal", *lasted(ended, 3, 6))
    ended = with_flooded_input(lab, ["--pty", "--timeout", "500ms", "--grace", "500ms"], "stty -icanon; trap '' TERM; sleep 60")
    lab.check("does not read a flooded terminal, and is stopped", *lasted(ended, 124, 6))


def pids_cgroup(name):
    """A cgroup with a limit of processes: v1's pids hierarchy, or v2. None where it cannot be made."""
    for base in ("/sys/fs/cgroup/pids", "/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
        group = Path(base) / name
        try:
            group.mkdir()
            (group / "pids.max").write_text("24")
            return group
        except OSError:
            try:
                group.rmdir()
            except OSError:
                pass
    return None


def fork_bomb(lab):
    group = pids_cgroup(f"toolkit-lab-{os.getpid()}")
    if group is None:
        lab.skip("forks up to the limit", "no pids cgroup can be made here")
        return
    place = lab.folder("bomb")
    bomb = "i=0; while [ $i -lt 100 ]; do (setsid sleep 60 &) 2>/dev/null; i=$((i+1)); done; seq 3000; sleep 60"
    ended = lab.run(["--timeout", "1s", "--grace", "500ms", "--log", str(place / "log"), "--on-stop", "true"], bomb,
                    preexec_fn=lambda: (group / "cgroup.procs").write_text("0"))
    text = read_text(place / "log")
    lab.check("forks up to the limit of processes", *lasted(ended, 124, 8))
    lab.check("the log needs no thread there", (": 3000\n" in text, text[-300:]),
              ("dropped" not in ended.err, ended.err))
    # A sanitized build looks for leaks from a process of its own, which cannot be had either.
    full = lab.run([], "exit 3", preexec_fn=lambda: at_the_limit(group), env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    lab.check("no process left for the child", (full.code == 125, f"code {full.code}"), ("cannot start a process" in full.err, full.err),
              ("pids limit" in full.err, full.err))
    end_everybody()
    for _ in range(100):
        try:
            group.rmdir()
            return
        except OSError:
            time.sleep(0.02)


def at_the_limit(group):
    (group / "cgroup.procs").write_text("0")
    (group / "pids.max").write_text((group / "pids.current").read_text().strip())


def all_cases(lab):
    closing(lab)
    noise(lab)
    odd_processes(lab)
    stuck_pipes(lab)
    fork_bomb(lab)
