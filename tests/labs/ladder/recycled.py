#!/usr/bin/env python3
"""Numbers that are given out again, by force, in a PID namespace of this program's own. As root.

    unshare --pid --fork --mount-proc recycled.py TOOLKIT TRIALS

Each trial: a waiter that holds the first process must tell that one's code although another has its number
by then; one that comes late and names the start time must refuse; one without it waits for the new one.
"""
import os
import sys
import time

from ladder import Target, Waiter, exits


def give_out_next(pid):
    with open("/proc/sys/kernel/ns_last_pid", "w", encoding="ascii") as file:
        file.write(str(pid - 1))


def successor_of(pid, end):
    for _ in range(20):
        give_out_next(pid)
        target = Target(end)
        if target.pid == pid:
            return target
        target.let_go()
        target.reap()
    return None


def trial(toolkit, number):
    code = number % 256
    first = Target(exits(code))
    ticks = first.start_ticks()
    holder = Waiter(toolkit, f"pid:{first.pid}")
    time.sleep(0.02)  # more than the tick of 10 ms by which start times are told apart
    first.let_go()
    first.reap()
    # Whoever waits, waits in this namespace too: its number must be out of the way.
    second = successor_of(first.pid, exits(99))
    if second is None:
        return "the number could not be had again"
    late = Waiter(toolkit, f"pid:{first.pid}:{ticks}").result()
    wrong = []
    if holder.result()[0] != code:
        wrong.append(f"the holder of the first: {holder.process.returncode}, should be {code}")
    if late[0] != 122 or "another process now" not in late[1]:
        wrong.append(f"the late one: {late}")
    new = Waiter(toolkit, f"pid:{first.pid}:{second.start_ticks()}")
    second.let_go()
    second.reap()
    if new.result()[0] != 99:
        wrong.append(f"the waiter for the second: {new.process.returncode}, should be 99")
    return "; ".join(wrong)


def main():
    toolkit, trials = sys.argv[1], int(sys.argv[2])
    wrong = 0
    for number in range(trials):
        # A quarter of the range away from what the waiters get.
        give_out_next(10000 + (number * 37) % 5000)
        complaint = trial(toolkit, number)
        if complaint:
            wrong += 1
            print(f"WRONG  recycled, trial {number}: {complaint}", flush=True)
    print(f"{'WRONG' if wrong else 'ok':6} {trials - wrong} of {trials} recycled numbers were told apart", flush=True)
    return 1 if wrong or os.getpid() != 1 else 0


if __name__ == "__main__":
    sys.exit(main())
