#!/usr/bin/env python3
"""Statement: a store on S3 is right about a real Ceph gateway.

Whole files, parts, listings, appends that send what grew and nothing else, an upload and an append that
outlive `kill -9` of the gateway, claims of which there is one owner, the same over TLS with an authority of
one's own, and what a person reads where the bucket, the key or the certificate is wrong.

    s3_lab.py STORE_DRIVER
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

import authority
import rgw
import s3

DENIED = NOT_FOUND = CONFLICT = FAILED = 1
UNAVAILABLE = 75
MEBI = 1 << 20


class Lab:
    def __init__(self, driver, folder):
        self.driver = driver
        self.folder = folder
        self.authority = authority.Authority(folder)
        self.gateway = rgw.Gateway(folder, self.authority.issue("gateway", "IP:127.0.0.1"))
        try:
            self.gateway.start()
        except BaseException:
            self.gateway.stop()
            raise
        self.s3 = s3.Client(self.gateway.port, self.gateway.ACCESS, self.gateway.SECRET)
        self.s3.put("/lab", b"")
        self.wrong = []
        self.count = 0

    def check(self, title, holds, shown=""):
        self.count += 1
        if not holds:
            self.wrong.append(title)
            print(f"WRONG {title}: {shown}", flush=True)

    def argv(self, *words, place="s3://lab/run", silence=30000, limit=None, url=None):
        options = ["--endpoint", url or self.gateway.url, "--silence", str(silence)]
        return [self.driver, *options, *(["--limit", str(limit)] if limit else []), place, *map(str, words)]

    def environment(self, secret=None, ca=None):
        return {"PATH": os.environ["PATH"], "HOME": self.folder, "AWS_ACCESS_KEY_ID": self.gateway.ACCESS,
                "AWS_SECRET_ACCESS_KEY": secret or self.gateway.SECRET, "AWS_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true", **({"AWS_CA_BUNDLE": ca} if ca else {})}

    def run(self, *words, secret=None, ca=None, **more):
        done = subprocess.run(self.argv(*words, **more), capture_output=True, timeout=120, check=False,
                              env=self.environment(secret, ca))
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    def good(self, title, *words, **more):
        code, out, err = self.run(*words, **more)
        self.check(title, code == 0, f"exit {code}: {out[-500:]}{err}")
        return out

    def bad(self, title, code, text, *words, **more):
        done, out, err = self.run(*words, **more)
        self.check(title, done == code and text in err, f"exit {done}, wanted {code} and '{text}': {out[-500:]}{err}")

    def file(self, name, size):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(os.urandom(size))
        return path

    def same(self, title, key, path, size=None):
        with open(path, "rb") as file:
            wanted = file.read(size)
        self.check(title, self.s3.get(f"/lab/run/{key}") == wanted, "other bytes are there")


def sent(out):
    """(bytes that passed, bytes of them that went out again)"""
    found = re.search(r"passed (\d+) again (\d+)", out)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def whole_files(lab):
    for name, size in (("empty", 0), ("small.log", 65), ("one-request", 15 * MEBI), ("parts.pt", 40 * MEBI + 1)):
        path = lab.file(name, size)
        out = lab.good(f"put {name}", "put", f"a b+c/{name}", path)
        lab.check(f"put {name}: sent once", sent(out) == (size, 0), out)
        lab.same(f"put {name}: the bytes", f"a b+c/{name}", path)
        lab.check(f"put {name}: its time", lab.good("stat", "stat", f"a b+c/{name}").split()[2] ==
                  str(os.stat(path).st_mtime_ns))
        read = subprocess.run(lab.argv("get", f"a b+c/{name}"), stdout=subprocess.PIPE, check=False, env=lab.environment())
        with open(path, "rb") as file:
            lab.check(f"get {name}", read.stdout == file.read())
    names = [line.split(" ", 5)[5] for line in lab.good("list", "list", "a b+c").splitlines()]
    lab.check("list: names in order", names == ["empty", "one-request", "parts.pt", "small.log"], names)
    lab.good("rename", "rename", "a b+c/parts.pt", "moved/parts.pt")
    lab.same("rename: the bytes", "moved/parts.pt", os.path.join(lab.folder, "parts.pt"))
    lab.check("rename: the old name is free", lab.good("stat", "stat", "a b+c/parts.pt") == "nothing\n")


def words_for_people(lab):
    lab.bad("unknown bucket", NOT_FOUND, "there is no such bucket", "list", "", place="s3://nobucket/x")
    lab.bad("unknown bucket: a remedy", NOT_FOUND, "  try: ", "put", "x", lab.file("x", 5), place="s3://nobucket/x")
    for words in (("list", ""), ("put", "x", lab.file("x", 5)), ("append", "x", "0", lab.file("x", 5))):
        lab.bad(f"wrong key: {words[0]}", DENIED, "  try: ", *words, secret="wrong")
    lab.check("wrong key: nothing was written", lab.s3.get("/lab/run/x") is None)


def appends(lab):
    path = lab.file("train.log", 65 * 50)
    passed = 0
    for size in range(65, 65 * 50 + 1, 65):
        out = lab.good(f"append {size}", "append", "train.log", size - 65, path, size)
        passed += sum(sent(out)[:1])
    lab.same("appends: the bytes", "train.log", path)
    lab.check("appends: sent what grew", passed == 65 * 50, passed)
    lab.bad("append at a wrong place", CONFLICT, "is 3250 bytes long, not 65", "append", "train.log", 65, path, 130)
    lab.same("append at a wrong place: nothing happened", "train.log", path)

    lab.s3.put("/lab/run/put.log", open(path, "rb").read(1000))
    first = sent(lab.good("an object born by a PUT", "append", "put.log", 1000, path, 2000))
    lab.check("an object born by a PUT: sent once more, once", first == (3000, 2000), first)  # its tail is refused first
    second = sent(lab.good("and then", "append", "put.log", 2000, path, 3000))
    lab.check("and then: the tail", second == (1000, 0), second)
    lab.same("an object born by a PUT: the bytes", "put.log", path, 3000)

    lab.good("rotation", "rename", "train.log", "train.log.1")
    lab.good("rotation: a new log", "append", "train.log", 0, path, 100)
    lab.good("rotation: grows", "append", "train.log", 100, path, 200)
    lab.good("rotation: the old one grows as well", "append", "train.log.1", 3250, grown(path, 50))
    lab.same("rotation: old", "train.log.1", path)
    lab.same("rotation: new", "train.log", path, 200)
    status, _, body = lab.s3.request("GET", "/lab", {"list-type": "2", "prefix": "run/.toolkit-sync"})
    lab.check("nothing is left over", status == 200 and b"<Key>" not in body, body)


def grown(path, size):
    with open(path, "ab") as file:
        file.write(os.urandom(size))
    return path


def killed_gateway(lab):
    """An upload in parts survives the gateway's death; only what had not arrived is sent."""
    path = lab.file("checkpoint.pt", 64 * MEBI)
    code, out, _ = lab.run("put", "checkpoint.pt", path, limit=48 * MEBI)
    memo = re.search(r"memo (.*)", out)
    lab.check("an upload that is interrupted leaves a note", code == 130 and memo, out)
    lab.gateway.kill_gateway()
    lab.bad("no gateway", UNAVAILABLE, "connection refused", "put", "checkpoint.pt", path, "-", memo[1] if memo else "")
    lab.gateway.start_gateway()
    out = lab.good("resumed behind kill -9", "put", "checkpoint.pt", path, "-", memo[1] if memo else "")
    lab.check("resumed: what had arrived is not sent again", 16 * MEBI <= sent(out)[0] <= 48 * MEBI, out)
    lab.same("resumed: the bytes", "checkpoint.pt", path)


def stopped_gateway(lab):
    """An append whose answer does not come may have happened: the log ends up exact in any case."""
    path = lab.file("stopped.log", 3000)
    lab.good("an append", "append", "stopped.log", 0, path, 1000)
    lab.gateway.signal_gateway(signal.SIGSTOP)
    timer = threading.Timer(4, lab.gateway.signal_gateway, [signal.SIGCONT])
    timer.start()
    code, out, err = lab.run("append", "stopped.log", 1000, path, 2000, silence=1500)
    timer.join()
    lab.check("a silent gateway: done, or worth another try", code in (0, UNAVAILABLE), f"{code} {out}{err}")
    time.sleep(2)  # what had been sent to the one that stood still may arrive now
    have = int(lab.good("stat", "stat", "stopped.log").split()[1])
    lab.check("a silent gateway: all of it or none", have in (1000, 2000), have)
    lab.good("the next append", "append", "stopped.log", have, path)
    lab.same("a silent gateway: the bytes", "stopped.log", path)


def claims(lab):
    for round_ in range(3):
        racers = [subprocess.Popen(lab.argv("create", f"claim{round_}", f"racer {i}"), stderr=subprocess.DEVNULL,
                                   env=lab.environment()) for i in range(8)]
        codes = [racer.wait(60) for racer in racers]
        lab.check("8 racers: one owner", sorted(codes) == [0] + [CONFLICT] * 7, codes)
        owner = f"racer {codes.index(0)}" if 0 in codes else ""
        lab.check("8 racers: it is the owner's", lab.s3.get(f"/lab/run/claim{round_}") == owner.encode())
    lab.good("renewed by its owner", "replace", "claim0", lab.s3.get("/lab/run/claim0").decode(), "renewed")
    lab.bad("not by another one", CONFLICT, "it has changed", "replace", "claim0", "not this", "stolen")
    lab.check("renewed", lab.s3.get("/lab/run/claim0") == b"renewed")


def wrong_checksum(lab):
    status, _, body = lab.s3.request("PUT", "/lab/run/sum", body=b"abc", headers={"content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="})
    lab.check("the gateway refuses a wrong checksum", status == 400 and b"BadDigest" in body, body)


def over_tls(lab):
    """TLS vouches for the body, whose SHA-256 is not signed then; its MD5 goes along."""
    tls = {"url": lab.gateway.tls_url, "ca": lab.authority.certificate}
    for name, size in (("small.log", 65), ("parts.pt", 40 * MEBI + 1)):
        path = lab.file(name, size)
        out = lab.good(f"TLS: put {name}", "put", f"tls/{name}", path, **tls)
        lab.check(f"TLS: put {name}: sent once", sent(out) == (size, 0), out)
        lab.same(f"TLS: put {name}: the bytes", f"tls/{name}", path)
        read = subprocess.run(lab.argv("get", f"tls/{name}", url=tls["url"]), stdout=subprocess.PIPE, check=False,
                              env=lab.environment(ca=tls["ca"]))
        with open(path, "rb") as file:
            lab.check(f"TLS: get {name}", read.stdout == file.read())
    path = lab.file("tls.log", 20 * MEBI)
    lab.good("TLS: a log", "append", "tls/x.log", 0, path, MEBI, **tls)
    out = lab.good("TLS: it grows", "append", "tls/x.log", MEBI, path, **tls)
    lab.check("TLS: it grows: sent what grew", sent(out) == (19 * MEBI, 0), out)
    lab.same("TLS: it grows: the bytes", "tls/x.log", path)
    lab.good("TLS: a claim", "create", "tls/claim", "mine", **tls)
    lab.bad("TLS: a claim: one owner", CONFLICT, "it is there already", "create", "tls/claim", "theirs", **tls)

    stranger = authority.Authority(lab.folder, "stranger")
    for title, ca in (("no authority", None), ("another authority", stranger.certificate)):
        lab.bad(f"TLS, {title}", FAILED, "AWS_CA_BUNDLE", "put", "tls/x", path, url=tls["url"], ca=ca)
    lab.bad("TLS, another name", FAILED, "certificate", "put", "tls/x", path, ca=tls["ca"],
            url=f"https://localhost:{lab.gateway.tls_port}")
    lab.bad("TLS, an authority that is none", FAILED, "tls.log", "put", "tls/x", path, url=tls["url"], ca=path)
    lab.check("TLS: nothing was written to a stranger", lab.s3.get("/lab/run/tls/x") is None)


def main():
    if missing := rgw.missing():
        print(f"skipped: not installed: {' '.join(missing)}")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        lab = None
        try:
            lab = Lab(sys.argv[1], folder)
            for part in (whole_files, words_for_people, appends, wrong_checksum, claims, over_tls, killed_gateway, stopped_gateway):
                part(lab)
        finally:
            if lab:
                lab.gateway.stop()
    print(f"{lab.count} checks, {len(lab.wrong)} wrong")
    return 1 if lab.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
