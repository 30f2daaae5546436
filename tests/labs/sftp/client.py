"""The store driver as a client, and what a proof says."""
import filecmp
import os
import re
import subprocess

FAILURES = []
KINDS = {"usage": 2, "not_found": 1, "denied": 1, "unavailable": 75, "conflict": 1, "failed": 1}


def check(what, good, detail=""):
    print(f"{'ok' if good else 'FAIL':5} {what}{'' if good else f': {detail}'}", flush=True)
    if not good:
        FAILURES.append(what)


class Client:
    """The driver with a home of its own."""

    def __init__(self, driver, home, place, options=(), environment=()):
        self.place, self.options = place, list(options)
        self.argv = [str(driver), *self.options, place]
        clean = {name: value for name, value in os.environ.items() if name != "SSH_AUTH_SOCK"}
        self.environment = {**clean, "HOME": str(home), **dict(environment)}

    def start(self, *words):
        return subprocess.Popen([*self.argv, *map(str, words)], env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *words):
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err.decode(errors="replace")

    def good(self, *words):
        code, out, err = self.run(*words)
        if code != 0:
            raise AssertionError(f"{words}: {code}: {err}")
        return out

    def refused(self, what, kind, text, *words):
        code, _, err = self.run(*words)
        check(what, code == KINDS[kind] and f"{kind}: " in err and re.search(text, err), f"{code}: {err}")
        return err


def place_of(server, folder, user="root"):
    return f"sftp://{user}@127.0.0.1:{server.port}{folder}"


def same(left, right):
    return right.exists() and filecmp.cmp(left, right, shallow=False)


def leftovers(folder):
    return [str(path) for path in folder.rglob(".*.toolkit-*")]
