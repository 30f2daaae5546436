"""What is sent in a day in which a TensorBoard file grows to 200 MB, by what `--follow --json` counts.

The file grows by something between half and one and a half of its share, from one look to the next, as over a
day with a look every three minutes (FULL=1: every minute); each look has sent it before it grows again. At a
directory, over sshd, at a Ceph gateway, and at the same gateway behind a proxy that refuses appends
(no_append.py), where it is sent whole until it has the 5 MiB that a part needs, and the server copies its own
bytes from then on: that is slow, so there are fewer looks.
"""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys

from context import Bar, Panel, Result
from bars.sync import grounds

SIZE = 200_000_000
NAME = "events.out.tfevents.1790000000.node0.4711.0"
PROXY = pathlib.Path(__file__).with_name("no_append.py")


class Day:
    def __init__(self, context, title, place, target, looks, environment=None):
        self.context, self.title, self.looks = context, title, looks
        self.folder = context.fresh(context.memory / "day")
        self.folder.mkdir()
        self.words = [context.toolkit, "sync", "-q", "--json", "--follow", "--interval", "5s", "--max-lag", "1ms",
                      "--state-dir", str(context.fresh(context.memory / "day-state")), *place.options(), f"{self.folder}/", target]
        self.environment = {**os.environ, **place.environment(), **(environment or {})}

    def wait_until_sent(self, follower):
        event = json.loads(follower.stdout.readline())
        while event["action"] == "unchanged":
            event = json.loads(follower.stdout.readline())

    def run(self):
        """The summary, and the bytes that were grown."""
        draw, block = random.Random(1), os.urandom(2 * SIZE // self.looks)
        path, size = self.folder / NAME, 0
        path.touch()
        follower = subprocess.Popen(self.words, stdout=subprocess.PIPE, text=True, env=self.environment)
        try:
            self.wait_until_sent(follower)  # of nothing
            while size < SIZE:
                step = min(int(SIZE / self.looks * draw.uniform(0.5, 1.5)), SIZE - size)
                with open(path, "ab") as file:
                    file.write(block[:step])
                size += step
                self.wait_until_sent(follower)
            follower.send_signal(signal.SIGTERM)
            out = follower.stdout.read()
        finally:
            follower.kill()
            follower.wait()
        self.context.fresh(self.folder)
        summary = json.loads(out.splitlines()[-1])
        return summary, size

    def row(self):
        summary, size = self.run()
        if summary["exit_code"] != 0 or summary["total_bytes"] != size:
            raise RuntimeError(f"{self.title}: {summary}")
        return [self.title, summary["appended"], size, summary["sent_bytes"], summary["sent_bytes"] / size, summary["seconds"]]


def proxy_port(context, port):
    proxy = subprocess.Popen([sys.executable, PROXY, str(port)], stdout=subprocess.PIPE, text=True)
    context.at_end.callback(proxy.wait)
    context.at_end.callback(proxy.kill)
    return proxy.stdout.readline().strip()


def rows_of(context):
    looks = {"full": 1440, "usual": 480, "quick": 48}[context.counts]
    there = grounds.local(context)
    there.start()
    rows = [Day(context, "directory", there, there.target(), looks).row()]
    there.clear()
    if sftp := grounds.place(context, grounds.Sftp):
        rows.append(Day(context, "SFTP", sftp, sftp.target("day/"), looks).row())
        sftp.clear()
    if s3 := grounds.place(context, grounds.S3):
        rows.append(Day(context, "S3 with append", s3, s3.target("day/"), looks).row())
        url = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy_port(context, s3.gateway.port)}"}
        few = {"full": 288, "usual": 48, "quick": 12}[context.counts]
        rows.append(Day(context, "S3 without append", s3, s3.target("day-without/"), few, url).row())
    return rows


def measure(context):
    rows = rows_of(context)
    bars = [Bar(f"bytes sent / bytes grown in a day, {title}", "≤ 1.05", f"{sent / 1e6:.1f} MB in {looks} looks",
                f"grown {size / 1e6:.1f} MB", f"{ratio:.4f}", ratio <= 1.05)
            for title, looks, size, sent, ratio, _ in rows]
    return Result(
        title="A day of a TensorBoard file",
        bars=bars,
        panels=[Panel("Bytes sent / bytes grown", "ratio", [(f"toolkit, {row[0]}", row[4]) for row in rows], 1.05, "1.05", 3)],
        columns=["place", "looks that sent", "bytes grown", "bytes sent", "ratio", "s"],
        rows=[[row[0], str(row[1]), f"{row[2]:,}", f"{row[3]:,}", f"{row[4]:.4f}", f"{row[5]:.0f}"] for row in rows],
        remarks=["Who sends the whole file at every look sends half of the file a look: "
                 f"{rows[0][1] / 2:.0f} times what has grown at {rows[0][1]} looks."])
