#!/usr/bin/env python3
"""The SFTP store against OpenSSH's server and, as the poor one, rclone's, by the store driver: keys and host
keys, whole files and growing ones, servers that die, fall silent, forbid and fill up. Exits 77 with a reason
where a server is missing, unless TOOLKIT_LABS=required.

    sftp_lab.py STORE_DRIVER WORK_FOLDER
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from client import FAILURES, Client, check, leftovers, place_of, same
from identity import prove_configuration, prove_host_keys, prove_keys
from servers import SSHD, Site


def prove_files(client, dest, work):
    big = work / "big"
    big.write_bytes(os.urandom(24 << 20))
    client.good("put", "a/b/big", big)
    check("a whole file arrives whole, in new directories", same(big, dest / "a/b/big"))
    check("with its time", int((dest / "a/b/big").stat().st_mtime) == int(big.stat().st_mtime))
    check("and comes back", client.good("get", "a/b/big") == big.read_bytes())
    check("from anywhere", client.good("get", "a/b/big", "12345678", "1000000") ==
          big.read_bytes()[12345678:13345678])
    (dest / "link").symlink_to("a/b/big")
    listed = client.good("list", "").decode().splitlines()
    check("a listing shows what is what", [line.split()[0] for line in listed] == ["directory", "symlink"], listed)
    client.refused("a symbolic link is not read by accident", "failed", "symbolic link", "get", "link")
    os.mkfifo(dest / "fifo")
    client.refused("a FIFO holds up nobody", "failed", "not a regular file", "get", "fifo")
    client.refused("nor when it is to grow", "conflict", "not a regular file", "append", "fifo", "0", big)
    client.good("create", "claims/one", "me")
    client.refused("a claim is taken once", "conflict", "is there already", "create", "claims/one", "you")
    client.good("replace", "claims/one", "me", "us")
    client.refused("and replaced by its owner only", "conflict", "no longer ours", "replace", "claims/one", "me", "x")
    check("its bytes", (dest / "claims/one").read_text() == "us")
    client.good("rename", "a/b/big", "c/moved")
    client.good("rename", "c/moved", "claims/one")
    check("a rename goes over what is there", same(big, dest / "claims/one"))
    for key in ("claims/one", "claims", "claims"):
        client.good("remove", key)
    check("what is removed is gone", not (dest / "claims").exists())
    check("no draft is left", not leftovers(dest), leftovers(dest))


def prove_growth(client, dest, work):
    log, seen, done = work / "log", [], threading.Event()
    log.write_bytes(bytes((i * 7 + i // 251) % 255 + 1 for i in range(6 << 20)))  # without NUL
    whole, target = log.read_bytes(), dest / "logs/train.log"

    def read_along():
        while not done.is_set():
            if target.exists():
                bytes_now = target.read_bytes()
                seen.append((len(bytes_now), whole.startswith(bytes_now)))
            time.sleep(0.002)

    reader = threading.Thread(target=read_along)
    reader.start()
    size = 0
    for grown in (1, 100, 70_000, 1 << 20, 3 << 20, 6 << 20):
        client.good("append", "logs/train.log", size, log, grown)
        size = grown
    inode = target.stat().st_ino
    done.set()
    reader.join()
    check("a file grows to the end", same(log, target))
    check("who reads along sees only beginnings of it", seen and all(good for _, good in seen),
          [size for size, good in seen if not good][:5])
    client.refused("what is longer than expected is left alone", "conflict", "bytes, not 5", "append", "logs/train.log",
                   "5", log)
    client.refused("what is not there does not grow", "conflict", "no longer there", "append", "logs/none", "5", log)
    check("nothing of that was written", same(log, target) and target.stat().st_ino == inode)


def prove_many(client, dest, work, files):
    tree = work / "tree"
    for i in range(files):
        path = tree / f"d{i % 20}" / f"{i}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(i % 5000))
    words = [word for path in sorted(tree.rglob("*.log")) for word in (path.relative_to(tree), path)]
    client.good("put-many", *words)
    wrong = [path for path in words[1::2] if not same(path, dest / path.relative_to(tree))]
    check(f"{files} small files arrive", not wrong, wrong[:3])
    (dest / "d3/3.log").unlink()
    (dest / "d3/3.log").mkdir()
    (dest / "d3/3.log/x").mkdir()
    code, _, err = client.run("put-many", *words)
    wrong = [path for path in words[1::2] if not same(path, dest / path.relative_to(tree))]
    check("one that cannot be written spoils no other", code == 1 and "3.log" in err and len(wrong) == 1, err)
    check("and leaves no draft", not leftovers(dest), leftovers(dest))


def prove_deaths(driver, home, server, dest, work):
    big, place = work / "much", place_of(server, dest)
    big.write_bytes(os.urandom(256 << 10) * 1024)
    client = Client(driver, home, place, ["--silence", "1500"])
    for what, number, words in (("killed", signal.SIGKILL, "connection|closed"), ("stopped", signal.SIGSTOP, "no answer")):
        process = client.start("put", "much", big)
        while not leftovers(dest):
            time.sleep(0.005)
        server.signal_sessions(number)
        _, err = process.communicate(timeout=60)
        check(f"a server that is {what} makes it unavailable", process.returncode == 75 and
              re.search(words, err.decode()), f"{process.returncode}: {err}")
        check("and what is half there has no name", not (dest / "much").exists())
        server.signal_sessions(signal.SIGKILL)
        for path in leftovers(dest):
            os.unlink(path)
    process = client.start("append", "grows", "0", big)
    while not (dest / "grows").exists() or (dest / "grows").stat().st_size < 1 << 20:
        time.sleep(0.005)
    server.signal_sessions(signal.SIGKILL)
    process.communicate(timeout=60)
    size = (dest / "grows").stat().st_size
    with open(big, "rb") as source:
        check("what had grown is a beginning", source.read(size) == (dest / "grows").read_bytes(), size)
    client.good("append", "grows", size, big)
    check("and the rest follows", same(big, dest / "grows"))
    shutil.rmtree(dest)
    Client(driver, home, "sftp://root@127.0.0.1:9/x").refused("nobody there", "unavailable", "cannot connect", "list", "")


def passed(out):
    return int(re.search(rb"passed (\d+)", out)[1])


def prove_resuming(driver, home, server, dest, work):
    """A server that dies in the middle of a whole file of 200 MB, and a client that does."""
    big, draft = work / "checkpoint", dest / "checkpoint"
    with open(big, "wb") as file:
        for _ in range(200):
            file.write(os.urandom(1_000_000))
    client = Client(driver, home, place_of(server, dest), ["--silence", "5000"])
    for who in ("server", "client"):
        process = client.start("put", "checkpoint", big)
        while not leftovers(dest) or os.path.getsize(leftovers(dest)[0]) < 100_000_000:
            time.sleep(0.002)
        if who == "server":
            server.signal_sessions(signal.SIGKILL)
        else:
            process.kill()
        out, err = process.communicate(timeout=60)
        there = os.path.getsize(leftovers(dest)[0])
        first = passed(out) if who == "server" else there
        rest = passed(client.good("put", "checkpoint", big))
        check(f"a {who} that is killed at {there >> 20} MiB costs little", first + rest <= 1.2 * 200_000_000 and
              rest <= 200_000_000 - there * 0.9, f"{first} + {rest}: {err}")
        check("and the file is whole", same(big, draft) and not leftovers(dest))
        draft.unlink()


def prove_refusals(driver, site, home, server):
    closed = site.work / "closed"
    (closed / "secret").mkdir(parents=True)
    (closed / "secret").chmod(0o700)
    client = Client(driver, home, place_of(server, closed, "nobody"))
    client.refused("what may not be read is denied", "denied", "cannot list .*secret: permission denied", "list", "secret")
    client.refused("what may not be written too", "denied", "permission denied", "put", "secret/x", site.host_key)
    client.refused("what is not there is not found", "not_found", "no such file", "list", "nowhere")


def prove_full_disk(driver, site, home, server):
    small = site.work / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", small], check=False).returncode != 0:
        print("      a full disk was not tried: no mounts here")
        return
    try:
        source = site.work / "too_much"
        source.write_bytes(b"".join(b"%015d\n" % i for i in range(1 << 20)))
        client = Client(driver, home, place_of(server, small))
        client.refused("a full disk is named", "failed", "no space left", "put", "x", source)
        check("and what had been written is taken back", not list(small.iterdir()), list(small.iterdir()))
        client.refused("also when a file grows", "failed", "no space left", "append", "y", "0", source)
        grown = (small / "y").read_bytes()
        check("what it has is a beginning", source.read_bytes().startswith(grown), len(grown))
    finally:
        subprocess.run(["umount", small], check=True)


def prove_poor(driver, site, home, known):
    folder = site.work / "poor"
    server = site.rclone(folder)
    known.write_text(known.read_text() + re.sub(r":\d+ ", f":{server.port} ", known.read_text().splitlines()[0]) + "\n")
    client = Client(driver, home, f"sftp://root@127.0.0.1:{server.port}/")
    log = site.work / "log"
    client.good("append", "logs/x", "0", log, 1 << 20)
    code, out, err = client.run("append", "logs/x", 1 << 20, log, 2 << 20)
    check("a server that cannot append gets the whole file", code == 0 and (folder / "logs/x").read_bytes() ==
          log.read_bytes()[:2 << 20], err)
    check("which is said", "growing files are sent whole" in err, err)
    check("and counted", b"again 0" not in out, out)
    client.good("put", "logs/x", log)
    check("a file is replaced", same(log, folder / "logs/x"))
    client.good("create", "claim", "me")
    client.refused("a claim is taken once", "conflict", "is there already", "create", "claim", "you")
    client.good("put-many", "m/1", log, "m/2", log, "m/2", log)
    check("several files arrive", same(log, folder / "m/1") and same(log, folder / "m/2"))
    check("free space is unknown or a number", re.match(rb"unknown|\d+", client.good("free")))
    check("no draft is left", not leftovers(folder), leftovers(folder))


def prove_all(driver, site):
    server = site.sshd()
    known = prove_host_keys(driver, site, server)
    prove_keys(driver, site, server, known)
    prove_configuration(driver, site, server, known)
    home = site.work / "home_ed25519"
    shutil.copy(known, home / ".ssh")
    dest = site.work / "dest"
    for place in ("files", "growth", "many", "deaths", "resuming"):
        (dest / place).mkdir(parents=True)
    prove_files(Client(driver, home, place_of(server, dest / "files")), dest / "files", site.work)
    prove_growth(Client(driver, home, place_of(server, dest / "growth")), dest / "growth", site.work)
    prove_many(Client(driver, home, place_of(server, dest / "many")), dest / "many", site.work, 1000)
    prove_deaths(driver, home, server, dest / "deaths", site.work)
    prove_resuming(driver, home, server, dest / "resuming", site.work)
    prove_refusals(driver, site, home, server)
    prove_full_disk(driver, site, home, server)
    if shutil.which("rclone"):
        prove_poor(driver, site, home, home / ".ssh/known_hosts")
    else:
        print("      the poor server was not tried: no rclone here")


def main():
    driver, work = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    missing = [name for name in (SSHD, "ssh", "ssh-agent") if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        print(f"skipped: no {missing[0]}" if missing else "skipped: only root can start an sshd for other accounts")
        return 1 if os.environ.get("TOOLKIT_LABS") == "required" else 77
    site = Site(work)
    try:
        prove_all(driver, site)
    finally:
        site.end()
    print(f"{len(FAILURES)} wrong" if FAILURES else "all as it should be")
    return 1 if FAILURES else 0


if __name__ == "__main__":
    sys.exit(main())
