"""What each launcher says of its ranks, and what is wrong with our answers beside it. The functions yield complaints."""
import collections
import json
import re

PROCESS = {"rank": "RANK", "world_size": "WORLD_SIZE", "local_rank": "LOCAL_RANK", "local_world_size": "LOCAL_WORLD_SIZE"}


def seen(folder):
    return [{**json.loads(path.read_text()), "file": path.name} for path in sorted(folder.glob("*.json"))]


def said(task, field):
    value = task["answer"]["identity"][field]
    return None if value is None else value["value"]


def believed(task):
    return [each["name"] for each in task["answer"]["providers"] if each["believed"]]


def differences(task, expected):
    """Fields, and the exports of the same names, that are not what they should be."""
    exports = {each["name"]: each["value"] for each in task["answer"]["exports"]}
    for field, value in expected.items():
        if said(task, field) != value:
            yield f"{field}: {said(task, field)!r}, the launcher says {value!r} ({task['answer']['missing'].get(field)})"
        if field in PROCESS and exports.get(PROCESS[field]) != (None if value is None else str(value)):
            yield f"{PROCESS[field]}={exports.get(PROCESS[field])} is exported, the launcher says {value}"


def population(tasks, count, done, provider):
    """What holds for the ranks of any launcher, taken together."""
    if done.returncode != 0 or len(tasks) != count:
        yield f"{len(tasks)} of {count} tasks, ended with {done.returncode}: {done.stdout[-500:]} {done.stderr[-1500:]}"
    if sorted(str(said(task, "rank")) for task in tasks) != [str(rank) for rank in range(len(tasks))]:
        yield f"ranks {[said(task, 'rank') for task in tasks]}"
    for task in tasks:
        answer = task["answer"]
        if answer["troubles"] or answer["conflicts"] or task["errors"] or provider not in believed(task):
            yield f"{answer['troubles']} {answer['conflicts']} {task['errors']} {believed(task)}"
    ports = {each["value"] for task in tasks for each in task["answer"]["exports"] if each["name"] == "MASTER_PORT"}
    if len(ports) != 1:
        yield f"not one port for all: {ports}"


def labels(done):
    """{file: rank} by the label that srun -l, --tag-output and -prepend-rank put before each line."""
    found = re.finditer(r"(?m)^(?:\[\d+,(\d+)\]<stdout>: ?|\[(\d+)\] |\s*(\d+): )(\S+)$", done.stdout)
    return {match[4]: int(match[1] or match[2] or match[3]) for match in found}


def of_srun(folder, count, cluster, done):
    tasks, ranks = seen(folder), labels(done)
    yield from population(tasks, count, done, "slurm-step")
    where = {int(task["told"]["SLURM_PROCID"]): task["told"]["SLURMD_NODENAME"] for task in tasks}
    on_node = collections.Counter(where.values())
    for task in tasks:
        told = task["told"]
        if str(ranks.get(task["file"])) != told["SLURM_PROCID"]:
            yield f"{ranks.get(task['file'])} is the label of SLURM_PROCID={told['SLURM_PROCID']}"
        nodes = cluster.run("scontrol", "show", "hostnames", told["SLURM_STEP_NODELIST"]).stdout.split()
        yield from differences(task, {
            "rank": int(told["SLURM_PROCID"]), "world_size": count, "local_rank": int(told["SLURM_LOCALID"]),
            "local_world_size": on_node[told["SLURMD_NODENAME"]], "node_rank": nodes.index(told["SLURMD_NODENAME"]),
            "node_count": len(on_node), "nodes": ",".join(nodes), "job_id": told["SLURM_JOB_ID"],
            "job_name": told.get("SLURM_JOB_NAME"), "master_addr": where[0]})


def of_gpus(folder):
    """A task of --gpus-per-task=1 sees one device, and is told so by nobody but Slurm."""
    devices = sorted(task["told"].get("CUDA_VISIBLE_DEVICES", "none") for task in seen(folder))
    if devices != ["0", "1"]:
        yield f"CUDA_VISIBLE_DEVICES {devices}"
    for task in seen(folder):
        if any(each["name"] == "CUDA_VISIBLE_DEVICES" for each in task["answer"]["exports"]):
            yield "CUDA_VISIBLE_DEVICES is exported"


def of_allocation(folder, cluster, done, count, node_count):
    tasks = seen(folder)
    if len(tasks) != 1 or done.returncode != 0:
        yield f"{len(tasks)} answers, ended with {done.returncode}: {done.stdout[-500:]} {done.stderr[-1500:]}"
    for task in tasks:
        told, answer = task["told"], task["answer"]
        lists = [told[name] for name in ("SLURM_JOB_NODELIST", "SLURM_JOB_NODELIST_HET_GROUP_0",
                                         "SLURM_JOB_NODELIST_HET_GROUP_1") if name in told]
        nodes = cluster.run("scontrol", "show", "hostnames", ",".join(lists)).stdout.split()
        yield from differences(task, {"rank": None, "local_rank": None, "local_world_size": None, "node_rank": None,
                                      "world_size": count, "node_count": node_count, "nodes": ",".join(nodes),
                                      "job_id": told["SLURM_JOB_ID"]})
        if believed(task) != ["slurm-job"] or "srun" not in answer["missing"].get("rank", "") or answer["troubles"]:
            yield f"{believed(task)} {answer['missing'].get('rank')} {answer['troubles']}"


def of_mpi(folder, provider, done, rank_variable):
    """Three ranks on this machine: MPI's own word, and the variable that belongs to the same process."""
    tasks, ranks = seen(folder), labels(done)
    yield from population(tasks, 3, done, provider)
    for task in tasks:
        rank = task["mpi"]["rank"]
        yield from differences(task, {"rank": rank, "world_size": task["mpi"]["size"], "local_rank": rank,
                                      "local_world_size": 3, "node_rank": 0, "node_count": 1})
        if ranks.get(task["file"]) != rank or task["told"].get(rank_variable) != str(rank):
            yield f"{ranks.get(task['file'])} is the label, {rank_variable}={task['told'].get(rank_variable)}, of rank {rank}"


def of_nested(folder, provider, count, done):
    """MPI on several nodes of Slurm: MPI's word counts, and what Slurm says of its helpers is a conflict at most."""
    tasks = seen(folder)
    if done.returncode != 0 or sorted(task["mpi"]["rank"] for task in tasks) != list(range(count)):
        yield f"{len(tasks)} of {count} tasks, ended with {done.returncode}: {done.stderr[-1500:]}"
    on_node = collections.Counter(task["told"]["SLURMD_NODENAME"] for task in tasks)
    nodes = sorted(on_node)
    where = {task["mpi"]["rank"]: task["told"]["SLURMD_NODENAME"] for task in tasks}
    for task in tasks:
        name = task["told"]["SLURMD_NODENAME"]
        yield from differences(task, {"rank": task["mpi"]["rank"], "world_size": count, "local_world_size": on_node[name],
                                      "node_rank": nodes.index(name), "node_count": len(nodes),
                                      "master_addr": where[0]})
        if believed(task) != [provider] or task["answer"]["troubles"]:
            yield f"{believed(task)} {task['answer']['troubles']}"


def of_torchrun(folder, done):
    tasks = seen(folder)
    yield from population(tasks, 3, done, "torchrun")
    for task in tasks:
        told = task["told"]
        yield from differences(task, {
            "rank": int(told["RANK"]), "world_size": int(told["WORLD_SIZE"]), "local_rank": int(told["LOCAL_RANK"]),
            "local_world_size": int(told["LOCAL_WORLD_SIZE"]), "node_rank": int(told["GROUP_RANK"]), "node_count": 1,
            "master_addr": told["MASTER_ADDR"], "master_port": int(told["MASTER_PORT"]),
            "restart_count": int(told["TORCHELASTIC_RESTART_COUNT"])})
