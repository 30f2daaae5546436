#!/usr/bin/env python3
"""Real launchers start `toolkit env` on every rank; what it says must be what the launcher itself says, which is
the label that it puts before each line and the node that it has chosen.

    launchers_lab.py TOOLKIT

A launcher that is not installed is named and left out; exits 77 when none is there, unless TOOLKIT_LABS=required.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import slurm

FIELDS = ("rank", "world_size", "local_rank", "local_world_size")
# What a rank leaves: its answer in a file, since srun cuts long lines; its node, the file, and what a program behind
# env finds in its environment in a line.
SCRIPT = """"$0" env --json >"$1/$$.json"; printf '%s\t%s\t%s\n' "${SLURMD_NODENAME:-here}" "$1/$$.json" \
"$("$0" env -- sh -c 'echo $RANK $WORLD_SIZE $LOCAL_RANK $LOCAL_WORLD_SIZE $MASTER_ADDR $MASTER_PORT')" """
# A real all_reduce over what env exports: every rank gives its number plus one.
REDUCE = """
import torch, torch.distributed
torch.distributed.init_process_group("gloo")
one = torch.tensor([float(torch.distributed.get_rank() + 1)])
torch.distributed.all_reduce(one)
print("sum", one.item(), flush=True)
"""
PYTHON = "/usr/bin/python3"  # that the distribution's torch is made for
HAS_TORCH = subprocess.run([PYTHON, "-c", "import torch"], check=False, stderr=subprocess.DEVNULL).returncode == 0
LABEL = re.compile(r"^(?:\[\d+,(\d+)\]<stdout>: ?|\[(\d+)\] |\s*(\d+): )(.*)$")
MPI = {"mpirun.openmpi": ["--allow-run-as-root", "--oversubscribe", "--tag-output"],
       "mpirun.mpich": ["-prepend-rank"]}
failures = []


def check(right, what, detail=""):
    print(("ok    " if right else "FAIL  ") + what)
    if not right:
        print(detail)
        failures.append(what)


def ranks_of(output):
    """Label → (node, answer, variables) of each line."""
    ranks = {}
    for line in output.splitlines():
        if match := LABEL.match(line):
            node, answer, variables = match[4].split("\t")
            with open(answer, encoding="utf-8") as file:
                ranks[int(match[1] or match[2] or match[3])] = node, json.load(file), variables.split()
    return ranks


def judge(name, size, done):
    ranks = ranks_of(done.stdout)
    check(sorted(ranks) == list(range(size)), f"{name}: {size} ranks have answered", done.stdout + done.stderr)
    members = {}
    for rank in sorted(ranks):
        members.setdefault(ranks[rank][0], []).append(rank)
    ports = set()
    for rank, (node, answer, variables) in sorted(ranks.items()):
        told = [answer["identity"][field] and answer["identity"][field]["value"] for field in FIELDS]
        wanted = [rank, size, members[node].index(rank), len(members[node])]
        check(told == wanted, f"{name}: rank {rank} is {dict(zip(FIELDS, wanted))}", f"env says {told}")
        check(variables[:4] == [str(number) for number in wanted], f"{name}: rank {rank} starts with the same variables",
              str(variables))
        check(not answer["conflicts"] and not answer["troubles"], f"{name}: rank {rank} has no conflict and no trouble",
              str(answer["conflicts"]) + str(answer["troubles"]))
        if node != "here":
            nodes = [answer["identity"][field]["value"] for field in ("node_rank", "node_count", "nodes", "master_addr")]
            check(nodes == [sorted(members).index(node), len(members), ",".join(sorted(members)), min(members)],
                  f"{name}: rank {rank} knows its node", str(nodes))
        ports.add(variables[-1])
    check(len(ports) == 1, f"{name}: all ranks agree on a port", str(ports))


def judge_sum(name, size, done):
    total = f"sum {sum(range(size + 1)):.1f}"
    check(done.stdout.count(total) == size, f"{name}: torch.distributed reduces over {size} ranks: {total}",
          done.stdout + done.stderr)


def no_rank(name, done):
    """Not a task, whatever SLURM_PROCID says."""
    answer = json.loads(done)
    told = answer["identity"]["rank"]
    check(told is None and answer["identity"]["job_id"], f"{name}: a job, and no rank", str(told))


def with_slurm(toolkit, folder):
    with slurm.Cluster(folder) as cluster:
        for nodes, tasks in ((3, 5), (1, 2), (3, 3), (2, 4)):
            words = ("srun", f"-N{nodes}", f"-n{tasks}", "--oversubscribe", "-l", "sh", "-c", SCRIPT, toolkit, folder)
            judge(f"srun -N{nodes} -n{tasks}", tasks, cluster.run(*words))
        if HAS_TORCH:  # the nodes' names lead to loopback, so its interface must be said
            judge_sum("srun -N3 -n3", 3, cluster.run("srun", "-N3", "-n3", toolkit, "env", "--", PYTHON, "-c", REDUCE,
                                                     GLOO_SOCKET_IFNAME="lo"))
        batch, out = cluster.folder / "batch.sh", cluster.folder / "batch.json"
        batch.write_text(f"#!/bin/sh\n{toolkit} env --json >{out}\n")
        cluster.run("sbatch", "--wait", "-n2", "-o", f"{folder}/batch.out", str(batch))
        no_rank("the body of sbatch", out.read_text())
        no_rank("the shell of salloc", cluster.run("salloc", "-n2", toolkit, "env", "--json").stdout)


def with_mpi(toolkit, folder, program, size, *options):
    def start(*words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SLURM")}
        return subprocess.run([program, *options, "-np", str(size), *words], check=False, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    judge(f"{program} -np {size}", size, start("sh", "-c", SCRIPT, toolkit, folder))
    if HAS_TORCH:
        judge_sum(f"{program} -np {size}", size, start(toolkit, "env", "--", PYTHON, "-c", REDUCE))


def main():
    toolkit, launchers = os.path.realpath(sys.argv[1]), 0
    with tempfile.TemporaryDirectory() as folder:
        for program, options in MPI.items():
            if shutil.which(program):
                launchers += 1
                with_mpi(toolkit, folder, program, 3, *options)
            else:
                print(f"left out: {program} is not installed")
        if slurm.missing() or os.geteuid() != 0:
            print("left out: Slurm needs root and", slurm.missing() or "nothing else")
        else:
            launchers += 1
            with_slurm(toolkit, folder)
    if not HAS_TORCH:
        print(f"left out: all_reduce, {PYTHON} has no torch")
    if not launchers:
        print("skipped: no launcher is installed")
        return 1 if os.environ.get("TOOLKIT_LABS") == "required" else 77
    print(f"{launchers} launchers, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
