#!/usr/bin/env python3
"""Real launchers: Slurm on three virtual nodes, Open MPI 4 and 5, MPICH and torchrun. What each rank's `toolkit env --json`
says is held against the launcher's own view, and the exports against a real all_reduce of torch. What is not
installed is said and left out; exits 77 when nothing is there, with TOOLKIT_LABS=required anything missing is an error.

    launchers_lab.py TOOLKIT WORK_FOLDER MACHINES_FOLDER
"""
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "torch")]
import debian_13  # noqa: E402
import torch_lab  # noqa: E402
import views  # noqa: E402
from slurm import Slurm, why_not as why_no_slurm  # noqa: E402

PYTHON = "/usr/bin/python3"
CLEAN = {key: value for key, value in os.environ.items()
         if not key.startswith(("SLURM_", "PMI", "OMPI_", "MPI_", "TORCHELASTIC", "RANK", "WORLD_SIZE", "LOCAL_", "MASTER_"))}


class Lab:
    def __init__(self, toolkit, work):
        self.toolkit, self.work = toolkit, work
        self.wrong, self.skipped, self.torch = 0, [], torch_lab.why_not()

    def check(self, what, complaints):
        complaints = list(complaints)
        self.wrong += bool(complaints)
        print(f"{'FAIL' if complaints else 'ok':5} {what}", *complaints, sep="\n      ", flush=True)

    def skip(self, what, why):
        self.skipped.append(what)
        print(f"skipped: {what}: {why}")

    def folder(self, name):
        made = self.work / name
        made.mkdir()
        return made

    def task(self, folder, *more):
        return [PYTHON, "-B", HERE / "task.py", self.toolkit, folder, *more]

    def all_reduce(self, name, run, launcher, nodes):
        """The exports are enough for torch to meet: every rank holds the same sum."""
        if self.torch:
            return self.skip(f"all_reduce by {name}", self.torch)
        folder = self.folder(f"sum-{name}")
        done = run(*launcher, self.toolkit, "env", "--", PYTHON, "-B", HERE / "allreduce.py", folder)
        return self.check_sums(name, folder, done, nodes)

    def check_sums(self, name, folder, done, nodes):
        sums = [(folder / f"sum.{rank}").read_text().split() if (folder / f"sum.{rank}").exists() else None for rank in range(3)]
        right = all(each and each[:2] == ["3", "6"] and each[3] == str(0 if nodes == 3 else rank) for rank, each in enumerate(sums))
        return self.check(f"{name}: torch meets by the exports and sums {sums[0]}",
                          [] if right and done.returncode == 0 else [sums, done.returncode, done.stderr[-1500:]])


def run(*command, timeout=180):
    return subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=timeout, env={**CLEAN, "OMP_NUM_THREADS": "1"})


def slurm(lab):
    if why := why_no_slurm():
        return lab.skip("Slurm", why)
    with Slurm(lab.work / "slurm") as cluster:
        for name, shape, count in (("steps", ["-N3", "-n5"], 5), ("one", ["-n1", "-J", "007"], 1), ("packed", ["-N1", "-n4"], 4),
                                   ("cyclic", ["-N2", "-n5", "-m", "cyclic"], 5),
                                   ("some", ["-w", "n[02-03]", "-N2", "-n3"], 3)):
            folder = lab.folder(name)
            done = cluster.run("srun", "-l", *shape, *lab.task(folder))
            lab.check(f"srun {' '.join(shape)}", views.of_srun(folder, count, cluster, done))
        folder = lab.folder("gpus")
        done = cluster.run("srun", "-l", "-n2", "--gpus-per-task=1", *lab.task(folder))
        lab.check("srun -n2 --gpus-per-task=1", [*views.of_srun(folder, 2, cluster, done), *views.of_gpus(folder)])
        folder = lab.folder("batch")
        script = folder / "script"
        script.write_text("#!/bin/sh\n" + " ".join(map(str, lab.task(folder))) + f"\nmkdir {folder}/ranks\nsrun -l " +
                          " ".join(map(str, lab.task(folder / "ranks"))) + "\n")
        done = cluster.run("sbatch", "--wait", "-N3", "-n5", "-o", folder / "output", script)
        lab.check("the body of sbatch -N3 -n5 is no rank", views.of_allocation(folder, cluster, done, 5, 3))
        done.stdout += (folder / "output").read_text()
        lab.check("srun in that body", views.of_srun(folder / "ranks", 5, cluster, done))
        folder = lab.folder("shell")
        done = cluster.run("salloc", "-N2", "-n3", *lab.task(folder))
        lab.check("the shell of salloc -N2 -n3 is no rank", views.of_allocation(folder, cluster, done, 3, 2))
        components = ["-N1", "-n1", ":", "-N2", "-n3"]
        folder = lab.folder("heterogeneous")
        done = cluster.run("srun", "-l", *components, *lab.task(folder))
        lab.check("srun over two components", views.of_srun(folder, 4, cluster, done))
        folder = lab.folder("heterogeneous-shell")
        done = cluster.run("salloc", *components, *lab.task(folder))
        lab.check("the shell of two components is no rank", views.of_allocation(folder, cluster, done, 4, 3))
        mpi_in_slurm(lab, cluster)
        lab.all_reduce("srun", cluster.run, ["srun", "-N3", "-n3"], 3)
    return None


def mpi_in_slurm(lab, cluster):
    """mpirun starts its helpers by srun where it finds itself in a job; srun itself speaks PMI to MPICH."""
    root = ["--allow-run-as-root"]
    for program, library, words, count, provider in (
            ("mpirun.openmpi", "libmpi.so.40", ["salloc", "-N2", "-n3", "mpirun.openmpi", *root], 3, "open-mpi"),
            ("mpirun.mpich", "libmpich.so.12", ["salloc", "-N3", "-n5", "mpirun.mpich"], 5, "mpich"),
            ("mpirun.mpich", "libmpich.so.12", ["srun", "--mpi=pmi2", "-N3", "-n5"], 5, "slurm-step")):
        if shutil.which(program):  # else said by the labs of MPI alone
            folder = lab.folder(f"{words[0]}-{provider}")
            done = cluster.run(*words, *lab.task(folder, library))
            lab.check(f"MPI by {' '.join(words)}", views.of_nested(folder, provider, count, done))
    if shutil.which("mpirun.openmpi"):
        folder = lab.folder("sbatch-open-mpi")
        script = lab.work / "sbatch-open-mpi.sh"
        script.write_text("#!/bin/sh\nexec " + " ".join(map(str, ["mpirun.openmpi", *root, *lab.task(folder, "libmpi.so.40")])) + "\n")
        done = cluster.run("sbatch", "--wait", "-N2", "-n3", "-o", lab.work / "sbatch-open-mpi.log", script)
        lab.check("MPI by the body of sbatch -N2 -n3, from its first node", views.of_nested(folder, "open-mpi", 3, done))


def open_mpi(lab):
    if not shutil.which("mpirun.openmpi"):
        return lab.skip("Open MPI", "no mpirun.openmpi")
    launcher = ["mpirun.openmpi", *(["--allow-run-as-root"] if os.geteuid() == 0 else []), "--oversubscribe", "-np", "3"]
    folder = lab.folder("open-mpi")
    done = run(*launcher, "--tag-output", *lab.task(folder, "libmpi.so.40"))
    lab.check("mpirun of Open MPI", views.of_mpi(folder, "open-mpi", done, "OMPI_COMM_WORLD_RANK"))
    return lab.all_reduce("open-mpi", run, launcher, 1)


def mpich(lab):
    if not shutil.which("mpirun.mpich"):
        return lab.skip("MPICH", "no mpirun.mpich")
    launcher = ["mpirun.mpich", "-np", "3"]
    folder = lab.folder("mpich")
    done = run(*launcher, "-prepend-rank", *lab.task(folder, "libmpich.so.12"))
    lab.check("mpirun of MPICH", views.of_mpi(folder, "mpich", done, "PMI_RANK"))
    return lab.all_reduce("mpich", run, launcher, 1)


def torchrun_command(logs, *meeting):
    # Without -r and -t torch 1.13 looks up a default that Python 3.11 no longer accepts.
    return [PYTHON, "-m", "torch.distributed.run", "--nproc_per_node", "3", "--master_addr", "127.0.0.1", "--rdzv_backend",
            "c10d", "--rdzv_endpoint", *meeting, "-r", "1", "-t", "1", "--log_dir", logs]


def torchrun(lab):
    if lab.torch:
        return lab.skip("torchrun", lab.torch)
    folder = lab.folder("torchrun")
    launcher = torchrun_command(lab.folder("torchrun-logs"), "127.0.0.1:0")
    done = run(*launcher, HERE / "task.py", lab.toolkit, folder)
    lab.check("torchrun", views.of_torchrun(folder, done))
    return lab.all_reduce("torchrun", run, [*launcher, "--no_python"], 1)


def newer_ones(lab, machines):
    """Open MPI 5, which starts its ranks by PRRTE, and torch 2.6 with its torchrun. That meets at a file, since its own
    store wants libuv whatever USE_LIBUV says, which Debian's build does not have."""
    if why := debian_13.why_not(machines):
        print(f"skipped: Open MPI 5 and torch 2.6: {why}")
        return

    def launch(name, *command):
        folder = lab.folder(name)
        return folder, run(*debian_13.inside(machines, lab.toolkit, folder), *command)

    task = ["/mnt/lab/task.py", "/mnt/toolkit", "/mnt/out"]
    by_exports = ["/mnt/toolkit", "env", "--", PYTHON, "-B", "/mnt/lab/allreduce.py", "/mnt/out"]
    mpirun = ["mpirun.openmpi", "--allow-run-as-root", "--oversubscribe", "-np", "3"]
    folder, done = launch("open-mpi-5", *mpirun, "--tag-output", PYTHON, "-B", *task, "libmpi.so.40")
    lab.check("mpirun of Open MPI 5", views.of_mpi(folder, "open-mpi", done, "OMPI_COMM_WORLD_RANK"))
    lab.check_sums("Open MPI 5 with torch 2.6", *launch("sum-open-mpi-5", *mpirun, *by_exports), 1)
    launcher = ["env", "TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1",
                *torchrun_command("/mnt/out/logs", "/mnt/out/meeting", "--rdzv_conf", "store_type=file", "--local_addr", "127.0.0.1")]
    lab.check("torchrun of torch 2.6", views.of_torchrun(*launch("torchrun-2.6", *launcher, *task)))
    lab.check_sums("torchrun of torch 2.6", *launch("sum-torchrun-2.6", *launcher, "--no_python", *by_exports), 1)


def main():
    toolkit, work, machines = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    lab = Lab(toolkit, work)
    labs = (slurm, open_mpi, mpich, torchrun)
    for each in labs:
        each(lab)
    newer_ones(lab, machines)
    print(f"{lab.wrong} wrong" if lab.wrong else "all as it should be", f"; left out: {', '.join(lab.skipped)}" if lab.skipped else "")
    if lab.wrong or (lab.skipped and os.environ.get("TOOLKIT_LABS") == "required"):
        return 1
    return 77 if {"Slurm", "Open MPI", "MPICH", "torchrun"} <= set(lab.skipped) else 0


if __name__ == "__main__":
    sys.exit(main())
