#!/usr/bin/env python3
"""A TCPStore of this PyTorch whose workers come when they are told to.

    joining.py        lines: PORT N, a new store on that port; then `join`, N times

Answers each line: `listening`, or the time (CLOCK_MONOTONIC, nanoseconds) at which the worker was counted.
"""
import sys
import time

import torch
import torch.distributed as dist

NEWER = {} if torch.__version__.startswith("1.") else {"use_libuv": False}  # Debian's 2.6 is built without


def main():
    kept, port, workers = [], 0, 0
    for line in sys.stdin:
        if line.strip() == "join":
            kept.append(dist.TCPStore("127.0.0.1", port, workers, False, wait_for_workers=True, **NEWER))
            print(time.monotonic_ns(), flush=True)
        else:
            port, workers = map(int, line.split())
            kept = [dist.TCPStore("127.0.0.1", port, workers, True, wait_for_workers=False, **NEWER)]
            print("listening", flush=True)


if __name__ == "__main__":
    main()
