#!/usr/bin/env python3
"""The deadline of `toolkit wait` against peers that hang: black holes, silent name servers, stalled TLS, dripping
bodies, file systems whose server is gone. In each scene it must end with 124 soon after --timeout, and name each
condition with its reason, attempts and age.

    deadline_lab.py TOOLKIT WORK_FOLDER [ROUNDS [FIGURES_FILE]]

The limit is for a busy machine; the figures (JSON) are what is reported. Needs root for its own namespaces.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import hanging

DEADLINE, LIMIT = 0.3, 1.0  # seconds; the second is how late it may be
REASONS = {"refused", "unreachable", "timed_out", "name", "tls", "protocol", "not_yet", "absent", "status", "unknown"}


def network_scenes(work):
    hole, full, silent = hanging.HOLE, hanging.full_backlog(), hanging.server(hanging.silence)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    slow, fast = hanging.server(hanging.drip(head, 1)), hanging.server(hanging.drip(head, 0.005))
    heads = hanging.server(hanging.drip(b"HTTP/1.1 200 OK\r\nA: ", 1))
    hello = hanging.server(hanging.half_a_hello)
    secret = hanging.server(hanging.tls(work, hanging.drip(head, 1)))
    udp, truncating = hanging.silent_name_server(), hanging.truncating_name_server()
    yield from ((f"black hole, {scheme}", f"{scheme}://{hole}:80{rest}") for scheme, rest in (
        ("tcp", ""), ("http", "/"), ("https", "/ verify=no"), ("postgres", ""), ("mysql", ""), ("redis", ""),
        ("store", "?workers=2"), ("join", "")))
    yield "full backlog", f"tcp://127.0.0.1:{full} banner~never"
    yield "full backlog, http", f"http://127.0.0.1:{full}/"
    yield from ((f"silent server, {scheme}", f"{scheme}://127.0.0.1:{silent}{rest}") for scheme, rest in (
        ("tcp", " banner~never"), ("http", "/"), ("https", "/ verify=no"), ("postgres", ""), ("mysql", ""),
        ("redis", ""), ("store", "?workers=2"), ("join", "")))
    yield "half a ServerHello", f"https://127.0.0.1:{hello}/ verify=no"
    yield "a byte of the body each second", f"http://127.0.0.1:{slow}/ body~never"
    yield "200 bytes of the body each second", f"http://127.0.0.1:{fast}/ body~never"
    yield "a byte of a header each second", f"http://127.0.0.1:{heads}/"
    yield "a byte of a TLS body each second", f"https://127.0.0.1:{secret}/ verify=no body~never"
    yield "silent name server", f"dns:node.test. server=127.0.0.1:{udp}"
    yield "name server in a black hole", f"dns:node.test. server={hole}"
    yield "name server that is silent by TCP", f"dns:node.test. server=127.0.0.1:{truncating}"
    yield "silent resolver, tcp", "tcp://node.test:80"
    yield "silent resolver, https", "https://node.test/"
    yield "silent resolver, postgres", "postgres://node.test/db"


def file_scenes(name, place):
    yield f"{name}, file", f"file:{place}/x"
    yield f"{name}, absent", f"file:{place}/x state=absent"
    yield f"{name}, newer than", f"file:/etc/passwd newer={place}/x"
    yield f"{name}, log", f"log:{place}/x~y"
    yield f"{name}, mount", f"mount:{place} writable=yes"
    yield f"{name}, disk", f"disk:{place} free>=1"
    yield f"{name}, job", f"job:{place}/job"
    yield f"{name}, PID file", f"pid:@{place}/x"
    yield f"{name}, unix socket", f"unix:{place}/x"
    yield f"{name}, command", f"exec:stat {place}/x"
    yield f"{name}, authorities", f"https://127.0.0.1:{hanging.server(hanging.silence)}/ ca={place}/x"


def scenes(work):
    """Each a name and the words of a wait that is never met."""
    network = list(network_scenes(work))
    yield from ((name, [condition]) for name, condition in network)
    yield "deaf command", ["exec:trap '' TERM; sleep 100"]
    yield "not, silent server", ["not", network[9][1]]
    yield "any of them all", ["--any", *(condition for _, condition in network)]
    stuck = hanging.stuck_directory(str(work / "stuck"))
    yield from ((name, [condition]) for name, condition in file_scenes("stopped file system", stuck))
    holding, device = hanging.holding_directory(str(work / "holding"))
    held = list(file_scenes("holding file system", holding))
    yield from ((name, [condition]) for name, condition in held)
    yield "everything", [condition for _, condition in network + held]
    os.close(device)  # who was held comes free


def judge(code, late, report, conditions):
    wrong = [] if code == 124 else [f"exit code {code}"]
    wrong += [] if late < LIMIT else [f"{late:.1f} s late"]
    wrong += [] if late > -0.001 else ["too early"]
    leaves = report.get("conditions", [])
    wrong += [] if len(leaves) == len([word for word in conditions if word not in ("not", "--any")]) else ["leaves are missing"]
    for leaf in leaves:
        told = leaf["reason"] in REASONS and leaf["words"] and leaf["age_seconds"] is not None and (
            leaf["attempts"] >= 1 or "has hung" in leaf["words"])
        wrong += [] if told else [f"told as {leaf}"]
    return wrong


def try_scene(toolkit, conditions):
    began = time.monotonic()
    waiter = subprocess.Popen([toolkit, "wait", "--json", "--timeout", f"{DEADLINE * 1000:.0f}ms", *conditions],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, _ = waiter.communicate(timeout=DEADLINE + 5)  # also until its pipes are nobody's any more
    except subprocess.TimeoutExpired:
        waiter.kill()
        return None, 5.0, {}
    return waiter.returncode, time.monotonic() - began - DEADLINE, json.loads(out or "{}")


def run_scenes(toolkit, work, rounds):
    failures, figures = 0, {}
    for name, conditions in scenes(work):
        wrong, lates = [], []
        for _ in range(rounds):
            code, late, report = try_scene(toolkit, conditions)
            lates.append(late)
            wrong += judge(code, late, report, conditions)
        figures[name] = lates
        failures += bool(wrong)
        print(f"{'FAIL' if wrong else 'ok':4} {name}: {max(lates) * 1000:.1f} ms after the deadline at most"
              f"{' | ' + '; '.join(wrong[:3]) if wrong else ''}", flush=True)
    return failures, figures


def main():
    toolkit, work = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    if os.environ.get("DEADLINE_LAB") != "inside":
        able = subprocess.run(["unshare", "-n", "-m", "ip", "link"], capture_output=True, check=False)
        if able.returncode != 0:
            print(f"skipped: no namespaces of its own: {able.stderr.decode().strip()}")
            return 1 if os.environ.get("TOOLKIT_LABS") == "required" else 77
        inside = {**os.environ, "DEADLINE_LAB": "inside"}
        return subprocess.run(["unshare", "-n", "-m", sys.executable, "-B", *sys.argv], env=inside, check=False).returncode
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    hanging.make_hole()
    hanging.silent_name_server(53)
    (work / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    subprocess.run(["mount", "--bind", work / "resolv.conf", os.path.realpath("/etc/resolv.conf")], check=True)
    failures, figures = run_scenes(toolkit, work, rounds)
    late = sorted(one for lates in figures.values() for one in lates)
    print(f"{len(figures)} scenes, {failures} wrong; after the deadline: median {late[len(late) // 2] * 1000:.1f} ms, "
          f"at most {late[-1] * 1000:.1f} ms")
    if len(sys.argv) > 4:
        pathlib.Path(sys.argv[4]).write_text(json.dumps(figures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
