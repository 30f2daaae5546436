#!/usr/bin/env python3
"""One rank of a small gloo job, again and again: each line of stdin is a round.

    worker.py RANK WORLD_SIZE       lines: PORT HOST_MODE STEPS

HOST_MODE is `rank0`, where rank 0 hosts the store itself as torch does by default, or `elsewhere`, where it
is there already. A line per round is printed: `PORT SUM`, or `PORT failed: WHY`.
"""
import datetime
import os
import sys
import time

import torch
import torch.distributed as dist

RANK, WORLD = int(sys.argv[1]), int(sys.argv[2])
RELEASE = tuple(map(int, torch.__version__.split(".")[:2]))


def join(port, mode):
    """The process group, and the store where it is ours to keep."""
    if (1, 9) <= RELEASE < (2, 0):
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), RANK=str(RANK), WORLD_SIZE=str(WORLD),
                          TORCHELASTIC_USE_AGENT_STORE=str(mode == "elsewhere"), TORCHELASTIC_RESTART_COUNT="0")
        dist.init_process_group("gloo")
        return None
    # Debian's 2.6 is built without libuv; 1.7 has no store of an agent.
    libuv = {"use_libuv": False} if RELEASE >= (2, 0) else {}
    store = dist.TCPStore("127.0.0.1", port, WORLD, mode == "rank0" and RANK == 0, datetime.timedelta(seconds=100), **libuv)
    dist.init_process_group("gloo", store=store, rank=RANK, world_size=WORLD)
    return store


def play(port, mode, steps):
    store = join(port, mode)
    total = 0.0
    for _ in range(steps):
        number = torch.tensor([RANK + 1.0])
        dist.all_reduce(number)
        total += number.item()
        if steps > 1:
            time.sleep(0.02)
    dist.barrier()
    dist.destroy_process_group()
    del store
    return total


def main():
    torch.set_num_threads(1)
    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        port, mode, steps = line.split()
        try:
            print(port, play(int(port), mode, int(steps)), flush=True)
        except Exception as error:  # pylint: disable=broad-except
            print(port, "failed:", repr(error), flush=True)


if __name__ == "__main__":
    main()
