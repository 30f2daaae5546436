"""What the labs of `sync` share: counting what is wrong, running the tool, reading its summary."""
import json
import os
import subprocess
import sys


class Check:
    def __init__(self):
        self.wrong = 0

    def equal(self, what, actual, wanted):
        if actual != wanted:
            self.wrong += 1
            print(f"WRONG {what}: is {actual!r}, should be {wanted!r}", flush=True)

    def true(self, what, truth):
        self.equal(what, bool(truth), True)


class Tool:
    def __init__(self, binary, place, state):
        self.binary = binary
        self.place = place
        self.state = state

    def words(self, *options):
        return [str(self.binary), "sync", "--json", "--state-dir", str(self.state), *self.place.options(),
                *map(str, options)]

    def start(self, *options):
        environment = {**os.environ, **self.place.environment()}
        return subprocess.Popen(self.words(*options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=environment)

    def run(self, *options, limit=120):
        process = self.start(*options)
        out, err = process.communicate(timeout=limit)
        return process.returncode, summary(out), err.decode(errors="replace")


def summary(out):
    """The last object of the output, when the tool came to its end."""
    lines = out.decode(errors="replace").splitlines()
    last = json.loads(lines[-1]) if lines and lines[-1].endswith("}") else {}
    return last if last.get("event") == "summary" else {}


def finish(check):
    print("all right" if check.wrong == 0 else f"{check.wrong} wrong")
    sys.exit(1 if check.wrong else 0)
