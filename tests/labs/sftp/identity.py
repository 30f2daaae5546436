"""Who is who: host keys, keys, the agent, the ssh configuration, -e."""
import os
import re
import shutil
import subprocess
import time

from client import Client, check, place_of, same
from servers import make_key


def prove_host_keys(driver, site, server):
    home = site.home("first_home", site.keys["ed25519"])
    known = home / ".ssh/known_hosts"
    dest = site.work / "host_keys"
    dest.mkdir()
    strict = Client(driver, home, place_of(server, dest))
    words = strict.refused("an unknown host key is refused", "denied", "is not known.*SHA256:", "list", "")
    line = re.search(r"known_hosts: (.*)", words)
    check("its line is given", line and "ssh-ed25519" in line[1], words)
    check("nothing was remembered", not known.exists())
    accepting = Client(driver, home, place_of(server, dest), ["--accept-new-host-key"])
    accepting.good("list", "")
    check("it is remembered when that is asked for", known.read_text().strip() == line[1].strip(), known.read_text())
    strict.good("list", "")
    changed = site.sshd(make_key(site.work / "other_hostkey"))
    known.write_text(known.read_text().replace(f":{server.port} ", f":{changed.port} "))
    before = known.read_text()
    for client in (Client(driver, home, place_of(changed, dest)),
                   Client(driver, home, place_of(changed, dest), ["--accept-new-host-key"])):
        client.refused("a changed host key is never taken", "denied", "is not the one in", "list", "")
    check("and never replaced", known.read_text() == before)
    known.write_text(line[1] + "\n")
    return known


def prove_keys(driver, site, server, known):
    dest = site.work / "keys"
    dest.mkdir()
    for kind, key in site.keys.items():
        home = site.home(f"home_{kind}", key)
        shutil.copy(known, home / ".ssh")
        client = Client(driver, home, place_of(server, dest))
        client.good("put", kind, key)
        check(f"a key of the kind {kind} is enough", same(key, dest / kind))
    locked, stranger, none = (site.home(name, *keys) for name, keys in
                              (("home_locked", [site.locked]), ("home_stranger", [site.stranger]), ("home_none", [])))
    for home in (locked, stranger, none):
        shutil.copy(known, home / ".ssh")
    Client(driver, locked, place_of(server, dest)).refused(
        "a key with a passphrase is not asked for it", "denied", r"needs a passphrase[\s\S]*ssh-add", "list", "")
    Client(driver, stranger, place_of(server, dest)).refused(
        "a key that is not accepted is named", "denied", r"accepts none.*id_ed25519 \(refused\)", "list", "")
    Client(driver, none, place_of(server, dest)).refused(
        "no key at all is said", "denied", r"wants a key, and there is none", "list", "")
    Client(driver, none, place_of(server, dest), ["--identity", str(site.keys["rsa"])]).good("list", "")
    prove_agent(driver, site, server, none, dest)


def prove_agent(driver, site, server, home, dest):
    path = site.work / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL)
    try:
        while not path.exists():
            time.sleep(0.01)
        environment = {"SSH_AUTH_SOCK": str(path)}
        adding = {**os.environ, **environment, "SSH_ASKPASS": str(site.work / "askpass"), "SSH_ASKPASS_REQUIRE": "force"}
        (site.work / "askpass").write_text("#!/bin/sh\necho secret\n")
        (site.work / "askpass").chmod(0o755)
        subprocess.run(["ssh-add", "-q", site.locked], env=adding, check=True)
        code, _, err = Client(driver, home, place_of(server, dest), environment=environment).run("list", "")
        check("the agent's key is enough", code == 0, err)
    finally:
        agent.kill()
        agent.wait()


def prove_configuration(driver, site, server, known):
    home = site.home("home_config")
    shutil.copy(known, home / ".ssh")
    dest = site.work / "configured"
    key = site.keys["ecdsa"]
    jump = f"ssh -q -i {key} -o UserKnownHostsFile={known} -p {server.port} -W %h:%p root@127.0.0.1"
    (home / ".ssh/config").write_text(f"""Host box hop
  HostName 127.0.0.1
  Port {server.port}
  User root
  IdentityFile {key}
Host hop
  ProxyCommand {jump}
""")
    for name in ("box", "hop"):
        code, _, err = Client(driver, home, f"{name}:{dest}").run("put", name, key)
        check(f"the ssh configuration of '{name}' holds", code == 0 and same(key, dest / name), err)
    options = f"ssh -i {key} -p {server.port} -o 'UserKnownHostsFile={known}'"
    child = Client(driver, home, f"root@127.0.0.1:{dest}", ["--rsh", options])
    child.good("put", "deep/child", key)
    check("-e 'ssh -i KEY -p PORT' carries the same", same(key, dest / "deep/child"))
    wrong = Client(driver, home, f"root@127.0.0.1:{dest}", ["--rsh", options.replace(str(key), str(site.stranger))])
    wrong.refused("its last words are told", "denied", "Permission denied", "list", "")
    Client(driver, home, f"root@127.0.0.1:{dest}", ["--rsh", "no-such-ssh"]).refused(
        "an -e that is not there is named", "failed", "no-such-ssh", "list", "")
