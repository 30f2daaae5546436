#!/usr/bin/env python3
"""A small DistributedDataParallel training for torch.distributed.run, gloo on the CPU.

It keeps a checkpoint, and goes on from it when started again. On SIGTERM all ranks agree on the step
after which they stop, rank 0 saves it, and all end with 0. Rank 1 can be told to misbehave.
"""
import argparse
import os
import signal
import time

import torch
import torch.distributed as dist

asked_to_stop = False


def on_sigterm(*_):
    global asked_to_stop  # pylint: disable=global-statement
    asked_to_stop = True


def say(words):
    # One write a line: two ranks share the pipe.
    os.write(1, f"rank {dist.get_rank()} {words}\n".encode())


def save(path, step, model):
    torch.save({"step": step, "model": model.module.state_dict()}, f"{path}.part")
    os.replace(f"{path}.part", path)
    say(f"saved step {step}")


def resume(path, model):
    if not os.path.exists(path):
        return 0
    kept = torch.load(path)
    model.load_state_dict(kept["model"])
    say(f"resumes behind step {kept['step']}")
    return kept["step"]


def misbehave(options, step):
    if not options.trouble or dist.get_rank() != 1 or step != options.trouble_at:
        return
    if options.trouble == "raise":
        raise ValueError(f"the labels of step {step} are spoiled")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say("hangs")
    while True:
        time.sleep(60)


def learn(model, optimizer, step):
    """One step on this rank's own part of the data: is the sum of ten numbers positive?"""
    torch.manual_seed(step * dist.get_world_size() + dist.get_rank())
    numbers = torch.randn(64, 10)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        model(numbers)[:, 0], (numbers.sum(dim=1) > 0).float())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def all_stop():
    """Whether any rank was asked to: they must not stop at different steps, or one waits for ever."""
    flag = torch.tensor([float(asked_to_stop)])
    dist.all_reduce(flag, op=dist.ReduceOp.MAX)
    return flag.item() > 0


def train(options):
    plain = torch.nn.Sequential(torch.nn.Linear(10, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
    begin = resume(options.checkpoint, plain)
    model = torch.nn.parallel.DistributedDataParallel(plain)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for step in range(begin + 1, options.steps + 1):
        misbehave(options, step)
        loss = learn(model, optimizer, step)
        say(f"step {step} of {options.steps}, loss {loss:.4f}")
        stopping = all_stop()
        if dist.get_rank() == 0 and (stopping or step % options.every == 0 or step == options.steps):
            save(options.checkpoint, step, model)
        if stopping:
            return
        time.sleep(options.step_time)
    say("is done")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--step-time", type=float, default=0.05)
    parser.add_argument("--trouble", choices=("raise", "hang"))
    parser.add_argument("--trouble-at", type=int, default=3)
    options = parser.parse_args()
    # Newer launchers than 1.13 start each rank in a session of its own, out of reach of a signal to
    # the job's process group. Do the same with all of them.
    if os.getsid(0) != os.getpid():
        os.setsid()
    signal.signal(signal.SIGTERM, on_sigterm)
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    train(options)
    dist.barrier()


if __name__ == "__main__":
    main()
