#!/usr/bin/env python3
"""Exit codes, fatal signals, programs that cannot be started and the search along PATH, each against what
bash, env(1), timeout(1) and the kernel itself say about the same thing.

    exit_oracle_lab.py TOOLKIT FIXTURE [LAYOUTS [SEED]]     LAYOUTS of PATH are 60; 500 with FULL=1
"""
import json
import os
import random
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

NOBODY = 65534
WRONG = []


def expect(what, actual, wanted):
    if actual != wanted:
        WRONG.append(f"{what}: is {actual!r}, should be {wanted!r}")
    return actual == wanted


def status_of(argv, **options):
    """The raw wait status, as the kernel gives it."""
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    return os.waitpid(process.pid, 0)[1]


def as_shell_says(status):
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


class Lab:
    def __init__(self, toolkit, fixture, folder):
        self.folder, self.state = folder, os.path.join(folder, "state")
        self.toolkit, self.fixture = self.copy(toolkit), self.copy(fixture)
        self.environment = {"PATH": "/usr/bin:/bin", "TOOLKIT_STATE_DIR": self.state, "LC_ALL": "C"}

    def copy(self, program):
        path = os.path.join(self.folder, os.path.basename(program))
        shutil.copy(program, path)
        os.chmod(path, 0o755)
        return path

    def run(self, *options):
        return [self.toolkit, "run", "-q", *options, "--"]

    def record(self, name):
        with open(os.path.join(self.state, name, "job.json"), encoding="utf-8") as file:
            return json.load(file)

    def bash(self, argv, **options):
        return status_of(["bash", "-c", '"$@"; exit $?', "bash", *argv], env=self.environment, **options)


def exit_codes(lab):
    """Every code, against bash."""
    for code in range(256):
        child = [lab.fixture, "exit", str(code)]
        expect(f"exit {code}", status_of(lab.run() + child, env=lab.environment), lab.bash(child))
    return "256 exit codes equal bash's"


def fatal_signals(lab):
    """Every signal that ends a process, with and without a core: code, record, and our own death."""
    core_limits = [(0, 0), (resource.RLIM_INFINITY, resource.RLIM_INFINITY)]
    ended = cores = 0
    for limit in core_limits:
        def limited(limit=limit):
            resource.setrlimit(resource.RLIMIT_CORE, limit)
        for number in range(1, 65):
            if number in (32, 33):
                continue
            options = {"env": lab.environment, "cwd": lab.folder, "preexec_fn": limited}
            child = [lab.fixture, "die", str(number)]
            if number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGCHLD,
                          signal.SIGCONT, signal.SIGURG, signal.SIGWINCH):
                continue  # they stop a process or do nothing
            bare = status_of(child, **options)
            what = f"signal {number}, core limit {limit[0]}"
            shown = status_of(lab.run("--name", "fatal") + child, **options)
            expect(what, os.WEXITSTATUS(shown), as_shell_says(bare))
            expect(f"{what}, bash", as_shell_says(lab.bash(child, cwd=lab.folder, preexec_fn=limited)), as_shell_says(bare))
            record = lab.record("fatal")
            expect(f"{what}, record", [record["exit_code"], record["signal"], record["core_dumped"]],
                   [128 + number, number, os.WCOREDUMP(bare)])
            like = status_of(lab.run("--die-like-child") + child, **options)
            expect(f"{what}, --die-like-child", [os.WIFSIGNALED(like), os.WTERMSIG(like)], [True, number])
            ended, cores = ended + 1, cores + os.WCOREDUMP(bare)
    for name in os.listdir(lab.folder):
        if name.startswith("core"):
            os.unlink(os.path.join(lab.folder, name))
    return f"{ended} deaths by signal recorded as the kernel told them, {cores} of them with a core"


def refused_programs(lab):
    """The kinds of programs that cannot be started."""
    def make(name, text, mode):
        path = os.path.join(lab.folder, name)
        with open(path, "wb") as file:
            file.write(text)
        os.chmod(path, mode)
        return path
    directory, loop = os.path.join(lab.folder, "directory"), os.path.join(lab.folder, "loop")
    os.mkdir(directory)
    os.symlink("loop", loop)
    kinds = {
        "missing": os.path.join(lab.folder, "missing"),
        "missing in PATH": "no-such-program",
        "interpreter missing": make("interpreter", b"#!/none/python\n", 0o755),
        "not executable": make("plain", b"echo\n", 0o644),
        "a directory": directory,
        "executable without #!": make("script", b"exit 5\n", 0o755),
        "random bytes": make("random", b"\x8f\x00\x13\xfe" * 200, 0o755),
        "symlink loop": loop,
        "empty string": "",
        "below a file": os.path.join(lab.folder, "plain", "x"),
        "interpreter not executable": make("interpreter2", b"#!" + lab.folder.encode() + b"/plain\n", 0o755),
    }
    for kind, program in kinds.items():
        ours = as_shell_says(status_of(lab.run() + [program], env=lab.environment))
        shell = as_shell_says(lab.bash([program]))
        env = as_shell_says(status_of(["env", "--", program] if program else ["env", "--", ""], env=lab.environment))
        limit = as_shell_says(status_of(["timeout", "9", program], env=lab.environment))
        # execvp(3) hands binaries to sh, which makes nonsense of them: there bash is right.
        expect(kind, ours, shell if kind == "random bytes" else env)
        expect(f"{kind}, bash", ours, shell)
        expect(f"{kind}, timeout", ours, 126 if kind == "random bytes" else limit)
    return f"{len(kinds)} kinds of programs that cannot be started end as under bash, env and timeout"


def draw_layout(pick, folder):
    """Some directories with a `tool` in each, in every state that a search can meet."""
    places = []
    for index in range(pick.randint(1, 6)):
        place = os.path.join(folder, f"d{index}")
        kind = pick.choice(["tool", "tool", "no mode", "directory", "nothing", "closed", "file", "absent",
                            "loop", "dangling", "no interpreter", "plain script", "unreadable"])
        tool = os.path.join(place, "tool")
        if kind == "file":
            open(place, "wb").close()
        elif kind != "absent":
            os.mkdir(place, 0o755)
            fill(kind, tool, index)
            if kind == "closed":
                os.chmod(place, 0)
        places.append(place)
    pick.shuffle(places)
    places = [pick.choice(["", ".", place, place, place, place]) for place in places]
    return ":".join(places)


def fill(kind, tool, index):
    if kind in ("tool", "closed", "no mode", "unreadable"):
        os.symlink("/bin/echo", tool) if kind == "tool" and index % 2 else shutil.copy("/bin/echo", tool)
        if kind == "no mode":
            os.chmod(tool, 0o644)
        if kind == "unreadable":
            os.chmod(tool, 0o711)
    elif kind == "directory":
        os.mkdir(tool)
    elif kind == "loop":
        os.symlink("tool", tool)
    elif kind == "dangling":
        os.symlink("/none", tool)
    elif kind in ("no interpreter", "plain script"):
        with open(tool, "w", encoding="ascii") as file:
            file.write("#!/none/python\n" if kind == "no interpreter" else f"echo script {index} $0 $*\n")
        os.chmod(tool, 0o755)


def search_along_path(lab, count, first):
    """Random layouts of PATH: what runs, or the code, against env(1), as root and as nobody."""
    users = [None, NOBODY] if os.geteuid() == 0 else [None]
    same = 0
    for seed in range(first, first + count):
        folder = tempfile.mkdtemp(dir=lab.folder)
        os.chmod(folder, 0o755)
        path = draw_layout(random.Random(seed), folder)
        for user in users:
            def become(user=user):
                if user is not None:
                    os.setgroups([])
                    os.setgid(user)
                    os.setuid(user)
            def ask(front, become=become, path=path, folder=folder):
                done = subprocess.run(front + ["tool", "/proc/self/exe"], env={"PATH": path, "LC_ALL": "C"},
                                      cwd=folder, preexec_fn=become, capture_output=True, check=False)
                return done.returncode, done.stdout
            wanted = ask(["/usr/bin/env", "--"])
            ours = ask(lab.run())
            # With a file at the end of PATH execvp's last errno is ENOTDIR, so env says 126 where bash,
            # and we, say that there is no such command.
            if wanted == (126, b"") and ours == (127, b""):
                wanted = ask(["/bin/bash", "-c", '"$@"', "bash"])
            same += expect(f"seed {seed}, user {user}, PATH {path}", ours, wanted)
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                os.chmod(entry.path, stat.S_IRWXU)
        shutil.rmtree(folder)
    return f"{same} of {count * len(users)} searches along random PATHs end as under env(1), first seed {first}"


def main():
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 500 if os.environ.get("FULL") else 60
    first = int(sys.argv[4]) if len(sys.argv) > 4 else int(time.time())
    folder = tempfile.mkdtemp(prefix="exit-oracle-")
    os.chmod(folder, 0o755)
    try:
        lab = Lab(sys.argv[1], sys.argv[2], folder)
        for part in (exit_codes, fatal_signals, refused_programs):
            print(part(lab), flush=True)
        print(search_along_path(lab, count, first))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(WRONG[:40]))
    return 1 if WRONG else 0


if __name__ == "__main__":
    sys.exit(main())
