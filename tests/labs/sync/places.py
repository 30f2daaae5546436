"""Destinations that the labs copy to: each can be asked for what lies there as a plain folder."""
import os
import pathlib
import shutil
import sys
import time
import xml.etree.ElementTree as xml

LABS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(LABS / "sftp"), str(LABS / "s3")]
import rgw  # noqa: E402
import servers  # noqa: E402
from check import Check, finish  # noqa: E402
from s3 import Client  # noqa: E402


class Directory:
    name = "directory"
    longest = 0.12  # seconds after which a transfer of the labs is over: kills come before

    def __init__(self, folder):
        self.folder = pathlib.Path(folder, "there")

    def why_not(self):
        return None

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)

    def stop(self):
        pass

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def options(self):
        return []

    def environment(self):
        return {}

    def target(self):
        return f"{self.folder}/"

    def content(self):
        """The folder with what lies there now; may be a copy."""
        return self.folder


class Sftp(Directory):
    """A real sshd on loopback."""
    name = "sftp"
    longest = 0.6

    def __init__(self, folder):
        super().__init__(pathlib.Path(folder, "sftp"))
        self.work = pathlib.Path(folder, "sshd")

    def why_not(self):
        return None if os.path.exists(servers.SSHD) else "there is no sshd"

    def start(self):
        super().start()
        self.site = servers.Site(self.work)
        self.server = self.site.sshd()
        self.home = self.site.home("client", self.site.keys["ed25519"])

    def stop(self):
        self.site.end()

    def options(self):
        return ["--accept-new-host-key"]

    def environment(self):
        return {"HOME": str(self.home), "SSH_AUTH_SOCK": ""}

    def target(self):
        return f"sftp://root@127.0.0.1:{self.server.port}{self.folder}/"


class S3(Directory):
    """A real Ceph gateway."""
    name = "s3"
    longest = 0.6
    bucket = "labs"

    def __init__(self, folder):
        super().__init__(pathlib.Path(folder, "s3-copy"))
        self.place = str(folder)

    def why_not(self):
        missing = rgw.missing()
        return f"{', '.join(missing)} not installed" if missing else None

    def start(self):
        self.gateway = rgw.Gateway(self.place)
        self.gateway.start()
        self.client = Client(self.gateway.port, self.gateway.ACCESS, self.gateway.SECRET)
        self.client.put(f"/{self.bucket}", b"")

    def stop(self):
        self.gateway.stop()

    def names(self):
        namespace = "{http://s3.amazonaws.com/doc/2006-03-01/}"
        query, names = {"list-type": "2"}, []
        while True:
            root = xml.fromstring(self.client.request("GET", f"/{self.bucket}", query)[2])
            names += [item.findtext(f"{namespace}Key") for item in root.findall(f"{namespace}Contents")]
            token = root.findtext(f"{namespace}NextContinuationToken")
            if not token:
                return names
            query["continuation-token"] = token

    def clear(self):
        for name in self.names():
            self.client.request("DELETE", f"/{self.bucket}/{name}")

    def environment(self):
        return {"AWS_ACCESS_KEY_ID": self.gateway.ACCESS, "AWS_SECRET_ACCESS_KEY": self.gateway.SECRET,
                "AWS_ENDPOINT_URL": self.gateway.url, "AWS_EC2_METADATA_DISABLED": "true"}

    def target(self):
        return f"s3://{self.bucket}/run/"

    def content(self):
        super().clear()
        for name in self.names():
            path = self.folder / name.removeprefix("run/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.client.get(f"/{self.bucket}/{name}") or b"")
        return self.folder


def all_places(folder):
    """PLACES=sftp,s3 for some of them."""
    wanted = os.environ.get("PLACES", "directory,sftp,s3").split(",")
    return [place(folder) for place in (Directory, Sftp, S3) if place.name in wanted]


def everywhere(trial):
    """A lab's main: `trial(check, binary, place, folder, seed)` at each place that this machine can have."""
    binary, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    print(f"seed {seed}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    check = Check()
    for place in all_places(folder):
        if reason := place.why_not():
            print(f"{place.name}: left out: {reason}")
            continue
        place.start()
        try:
            trial(check, binary, place, folder, seed)
        finally:
            place.stop()
    finish(check)
