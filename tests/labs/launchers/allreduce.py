"""A real gloo all_reduce among ranks that know each other by nothing but the environment.

    allreduce.py FOLDER
"""
import datetime
import os
import sys

# From 2.4 on torch asks for a store of libuv, which Debian's does not have. Here, as a job's own image would say it.
os.environ.setdefault("USE_LIBUV", "0")

import torch
import torch.distributed as dist

torch.set_num_threads(1)
dist.init_process_group("gloo", timeout=datetime.timedelta(seconds=120))
numbers = torch.tensor([float(dist.get_rank() + 1)])
dist.all_reduce(numbers)
with open(os.path.join(sys.argv[1], f"sum.{dist.get_rank()}"), "w", encoding="utf-8") as file:
    file.write(f"{dist.get_world_size()} {numbers.item():.0f} {os.environ['MASTER_ADDR']} {os.environ['LOCAL_RANK']}")
dist.barrier()
