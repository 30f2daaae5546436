#!/usr/bin/env python3
"""The minute that says why the job died: SIGTERM while 200 files are written at 20 MB/s in all.

    flush_lab.py TOOLKIT FOLDER    SEED=N to repeat

Every byte that was written before the signal is at the destination before the sync ends, within its grace;
and whoever reads along sees only growing beginnings of one and the same file.
"""
import os
import pathlib
import shutil
import signal
import threading
import time

from check import Tool, summary
from growing import GrowingFile, Writer
from places import everywhere

GRACE = 10


class Reader:
    """Holds a destination file open, as tail -f and TensorBoard do."""

    def __init__(self, check, file, path):
        self.check, self.file, self.path = check, file, pathlib.Path(path)
        self.over = threading.Event()
        self.seen = 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.path.exists() and not self.over.is_set():
            time.sleep(0.01)
        if not self.path.exists():
            return
        with open(self.path, "rb") as stream:
            inode = os.fstat(stream.fileno()).st_ino
            while not self.over.is_set():
                piece = stream.read(1 << 20)
                self.check.true(f"reader: {len(piece)} bytes from {self.seen} on are the source's",
                                piece == self.file.part(self.seen, self.seen + len(piece)))
                self.seen += len(piece)
                time.sleep(0.01)
            self.check.equal("reader: it is still the same file", os.stat(self.path).st_ino, inode)

    def stop(self):
        self.over.set()
        self.thread.join()


def flush(check, tool, place, folder, seed):
    place.clear()
    shutil.rmtree(folder / "source", ignore_errors=True)
    files = [GrowingFile(folder / "source" / f"{i // 20:02}" / f"rank{i:03}.log", seed + i) for i in range(200)]
    process = tool.start("--follow", "--max-lag", "200ms", "--grace", f"{GRACE}s", f"{folder}/source/", place.target())
    reader = None
    if place.name == "directory":
        reader = Reader(check, files[0], place.content() / "00" / "rank000.log")
    with Writer(files, 20_000_000, seed) as writer:
        time.sleep(3)
        writer.stop()
        process.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        out, err = process.communicate(timeout=GRACE + 30)
        took = time.monotonic() - asked
    check.equal(f"{place.name}: exit code, {err.decode(errors='replace')[-400:]}", process.returncode, 0)
    check.true(f"{place.name}: within its grace, it took {took:.1f} s", took <= GRACE + 1)
    there = place.content()
    for file in files:
        path = there / file.path.relative_to(folder / "source")
        check.true(f"{place.name}: {path} is equal", path.exists() and path.read_bytes() == file.path.read_bytes())
    counts = summary(out)
    check.equal(f"{place.name}: nothing failed", counts.get("failed"), 0)
    grown = sum(file.size for file in files)
    if reader:
        reader.stop()
        check.true("the reader has seen something", reader.seen > 0)
    print(f"{place.name}: {grown} bytes written, {counts.get('sent_bytes')} sent, the last look took {took:.2f} s",
          flush=True)


everywhere(lambda check, binary, place, folder, seed: flush(
    check, Tool(binary, place, folder / f"state-{place.name}"), place, folder, seed))
