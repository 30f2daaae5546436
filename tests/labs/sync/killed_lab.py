#!/usr/bin/env python3
"""`toolkit sync` is killed by SIGKILL at random moments while its source grows.

    killed_lab.py TOOLKIT FOLDER    FULL=1 for 1,000 kills a place, KILLS=N for so many, SEED=N to repeat

After each kill what lies at the destination is a true beginning of its source; the run after the last one
makes both equal, and little was sent twice.
"""
import os
import random
import shutil
import signal
import time

from check import Tool
from growing import GrowingFile, Writer
from places import everywhere

KILLS = int(os.environ.get("KILLS", 1_000 if os.environ.get("FULL") == "1" else 40))


def round_of_kills(check, tool, place, folder, seed, kills):
    place.clear()
    shutil.rmtree(folder / "source", ignore_errors=True)
    chance = random.Random(seed)
    files = [GrowingFile(folder / "source" / f"rank{i}" / "train.log", seed + i) for i in range(8)]
    whole = folder / "source" / "model.bin"
    whole.write_bytes(chance.randbytes(3_000_000))
    source = f"{folder}/source/"
    with Writer(files, 4_000_000, seed):
        for number in range(kills):
            process = tool.start(source, place.target())
            time.sleep(chance.uniform(0, place.longest))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            if number % 10 == 0 or kills < 50:
                judge(check, place, files, whole, number)
    code, last, err = tool.run(source, place.target())
    check.equal(f"{place.name}: the run after the last kill: {err}", code, 0)
    there = place.content()
    for file in files:
        check.true(f"{place.name}: {file.path} is equal",
                   (there / file.path.relative_to(folder / "source")).read_bytes() == file.path.read_bytes())
    check.true(f"{place.name}: the whole file is there", (there / "model.bin").read_bytes() == whole.read_bytes())
    code, again, err = tool.run(source, place.target())
    check.equal(f"{place.name}: nothing more to send", (code, again.get("sent_bytes")), (0, 0))
    left = [path.name for path in there.rglob("*") if path.is_file() and ".~" in path.name]
    check.equal(f"{place.name}: no generation was put aside", left, [])
    print(f"{place.name}: {kills} kills, {sum(file.size for file in files)} bytes grown", flush=True)


def judge(check, place, files, whole, number):
    there = place.content()
    for file in files:
        path = there / file.path.parent.name / file.path.name
        check.true(f"{place.name}: kill {number}: {path} is a beginning", file.is_prefix(path))
    model = there / "model.bin"
    check.true(f"{place.name}: kill {number}: the whole file is whole or absent",
               not model.exists() or model.read_bytes() == whole.read_bytes())


everywhere(lambda check, binary, place, folder, seed: round_of_kills(
    check, Tool(binary, place, folder / f"state-{place.name}"), place, folder, seed, KILLS))
