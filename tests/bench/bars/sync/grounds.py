"""What the bars of sync share: the places that they copy to, the commands of the peers, and races."""
import functools
import pathlib
import random
import shlex
import subprocess
import sys

from context import Bar, quartiles, ratio_interval, ratio_text

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "labs/sync"))
import places  # noqa: E402

RULES = "--include='*.log' --include='*/' --exclude='*' --prune-empty-dirs"
SEED = f"rsync --no-whole-file --append --recursive {RULES}"
CIPHER = "aes128-gcm@openssh.com"


class Race:
    """Commands against each other, in interleaved rounds of random order; the same input for all in a round."""

    def __init__(self, context):
        self.context = context
        self.measured = {}

    def round(self, commands):
        """{name: (command line with @x before what is measured, what is called before it)}"""
        names = list(commands)
        random.shuffle(names)
        for name in names:
            words, prepare = commands[name]
            if prepare:
                prepare()
            measured = self.context.shell(words)["x"]
            self.measured.setdefault(name, []).append(measured)

    def seconds(self, name):
        return [one["wall"] for one in self.measured[name]]

    def median(self, name):
        return quartiles(self.seconds(name))[1]

    def peak_mib(self, name):
        return max(one["peak_kib"] for one in self.measured[name]) / 1024

    def ratio(self, what, limit, name, peer):
        interval = ratio_interval(self.seconds(name), self.seconds(peer))
        return Bar(what, f"≤ {limit:g} × {peer_words(peer)}", f"{self.median(name):.3f} s", f"{self.median(peer):.3f} s",
                   ratio_text(interval), interval[0] <= limit)

    def peak(self, what, limit, names):
        worst = max(names, key=self.peak_mib)
        peak = self.peak_mib(worst)
        return Bar(what, f"≤ {limit} MiB", f"{peak:.1f} MiB ({worst})", "", f"{peak / limit:.2f} of the bar", peak <= limit)

    COLUMNS = ["command", "rounds", "median s", "quartiles", "user s", "system s", "peak MiB"]

    def rows(self):
        middle = lambda values: f"{quartiles(values)[1]:.3f}"  # noqa: E731
        return [[name, str(len(all_)), f"{self.median(name):.3f}", "{:.3f} to {:.3f}".format(*quartiles(self.seconds(name))[::2]),
                 middle([one["user"] for one in all_]), middle([one["system"] for one in all_]), f"{self.peak_mib(name):.1f}"]
                for name, all_ in self.measured.items()]


def peer_words(name):
    """`local: cp` is the row's name, `cp` what the bar says."""
    return name.split(": ", 1)[-1]


def environment(place):
    return " ".join(f"{name}={shlex.quote(value)}" for name, value in {**place.environment(), "AWS_CA_BUNDLE": ""}.items())


def ours(context, place, source, target, state, options=""):
    """Our command line, measured; `state` is where the journal lies."""
    return (f"{environment(place)} @x {context.toolkit} sync -q {' '.join(place.options())} --state-dir {state} {options} "
            f"{source} {target}")


class Sftp(places.Sftp):
    """A real sshd; one configuration for our client and for OpenSSH's, with one cipher for both."""

    def start(self):
        super().start()
        self.known = self.home / ".ssh/known_hosts"
        self.config = self.home / ".ssh/config"
        self.trust(self.server.port)
        self.config.write_text(f"Host *\n  Ciphers {CIPHER}\n  IdentityFile {self.home}/.ssh/id_ed25519\n  IdentitiesOnly yes\n"
                               f"  UserKnownHostsFile {self.known}\n  StrictHostKeyChecking yes\n")

    def trust(self, port):
        with open(self.known, "a", encoding="ascii") as known:
            known.write(f"[127.0.0.1]:{port} {self.site.host_key.with_suffix('.pub').read_text()}")

    def options(self):
        return []

    def target(self, name, port=None):
        return f"sftp://root@127.0.0.1:{port or self.server.port}{self.folder}/{name}"

    def ssh(self):
        return f"ssh -F {self.config} -p {self.server.port}"

    def openssh(self, source, name, port=None):
        """The command line of OpenSSH's sftp that puts a file there."""
        return (f"echo 'put {source} {self.folder}/{name}' | "
                f"@x sftp -q -b - -F {self.config} -P {port or self.server.port} root@127.0.0.1 >/dev/null")

    def sync_target(self, name):
        return f"root@127.0.0.1:{self.folder}/{name}"


class S3(places.S3):
    """A Ceph gateway that keeps everything in memory."""
    bucket = "bench"

    def target(self, name):
        return f"s3://{self.bucket}/{name}"

    def curl(self, source, name, sha256="UNSIGNED-PAYLOAD"):
        """One request with Signature Version 4; the gateway proves the body where its SHA-256 is given."""
        user = f"{self.gateway.ACCESS}:{self.gateway.SECRET}"
        return (f"@x curl -sS --fail -o /dev/null --aws-sigv4 aws:amz:us-east-1:s3 -H 'x-amz-content-sha256: {sha256}' --user {user} "
                f"-T {source} {self.gateway.url}/{self.bucket}/{name}")

    def rclone(self, source, name, options=""):
        s3 = "--s3-provider Ceph --s3-env-auth --s3-no-check-bucket --s3-no-head"
        return (f"{environment(self)} @x rclone --config /dev/null -q copy {s3} --s3-endpoint {self.gateway.url} "
                f"--transfers 32 --checkers 32 {options} {source} :s3:{self.bucket}/{name}")

    def remove(self, name):
        self.client.request("DELETE", f"/{self.bucket}/{name}")


@functools.lru_cache(None)
def place(context, kind):
    """Started once and ended with the report; None and a word why where it cannot be."""
    made = kind(context.memory)
    why = made.why_not()
    if why:
        print(f"  {kind.name} is not measured: {why}")
        return None
    context.at_end.callback(made.stop)
    made.start()
    return made


def local(context):
    return places.Directory(context.memory)


def random_file(path, mebibytes):
    with open(path, "wb") as out:
        subprocess.run(["head", "-c", str(mebibytes << 20), "/dev/urandom"], stdout=out, check=True)
    return path


def sha256_of(path):
    return subprocess.run(["sha256sum", path], stdout=subprocess.PIPE, check=True, text=True).stdout.split()[0]


def append(path, part):
    with open(path, "ab") as out, open(part, "rb") as more:
        out.write(more.read())
