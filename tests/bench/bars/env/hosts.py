"""How long `toolkit env` takes for a Slurm task among a million nodes: start, expanding the list, the whole answer.

Slurm itself allows 65,536 hosts a range, so that a million are several ranges or brackets; its own `scontrol show
hostnames` is the peer. Both write to /dev/null, in interleaved rounds.
"""
import json
import os
import shutil
import subprocess
import time

from context import Bar, Panel, Result, quartiles

HOSTS = 1_000_000
LISTS = {
    "16 words of one range": ",".join(f"n{i}s[00000-62499]" for i in range(16)),
    "one word of two brackets": "n[00-15]s[00000-62499]",
    "one word of six brackets": "a[0-9]b[0-9]c[0-9]d[0-9]e[0-9]f[0-9]",
}


def variables(expression):
    """Of the last task of a job with a task a node."""
    last = str(HOSTS - 1)
    return {"SLURM_JOB_ID": "1", "SLURM_STEP_ID": "0", "SLURM_PROCID": last, "SLURM_NODEID": last, "SLURM_LOCALID": "0",
            "SLURM_NTASKS": str(HOSTS), "SLURM_JOB_NUM_NODES": str(HOSTS), "SLURM_TASKS_PER_NODE": f"1(x{HOSTS})",
            "SLURM_JOB_NODELIST": expression}


def run(command, environment, output=subprocess.DEVNULL):
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, check=True)
    return time.perf_counter() - began, done.stdout


def measure(context):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SLURM_")}
    configuration = context.memory / "slurm.conf"  # scontrol wants one, and reads nothing of interest in it
    configuration.write_text("ClusterName=bench\nSlurmctldHost=localhost\nNodeName=n1 NodeAddr=127.0.0.1\n")
    commands = {}
    for name, expression in LISTS.items():
        commands[name, "toolkit env --json"] = [context.toolkit, "env", "--json"], {**clean, **variables(expression)}
        if shutil.which("scontrol"):
            commands[name, "scontrol show hostnames"] = (["scontrol", "show", "hostnames", expression],
                                                         {**clean, "SLURM_CONF": str(configuration)})
    times = {key: [] for key in commands}
    for _ in range(context.scaled(10, 40)):
        for key, command in commands.items():
            times[key].append(run(*command)[0])
    shown = {key: quartiles(row) for key, row in times.items()}
    expanded = min(json.loads(run(*command, subprocess.PIPE)[1])["identity"]["nodes"]["value"].count(",") + 1
                   for (_, program), command in commands.items() if program.startswith("toolkit"))
    name, worst = max(((name, row[1]) for (name, program), row in shown.items() if program.startswith("toolkit")),
                      key=lambda pair: pair[1])
    peer = shown.get((name, "scontrol show hostnames"))
    return Result(
        title="A task among a million nodes",
        bars=[Bar(f"start to answer with {expanded:,} hosts, {name}", "< 1 s", f"{worst:.2f} s",
                  f"scontrol {peer[1]:.2f} s" if peer else "no scontrol", f"{worst / peer[1]:.2f}" if peer else "",
                  expanded == HOSTS and worst < 1)],
        panels=[Panel("Start to answer with a million hosts", "s",
                      [(f"{program.split()[0]}, {name}", row[1]) for (name, program), row in shown.items()], 1, "1 s")],
        columns=["list", "command", "median s", "quartiles"],
        rows=[[name, program, f"{row[1]:.3f}", f"{row[0]:.3f} to {row[2]:.3f}"] for (name, program), row in shown.items()])
