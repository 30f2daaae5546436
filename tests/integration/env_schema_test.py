#!/usr/bin/env python3
"""What `toolkit env --json` writes is what its published JSON Schema says.

    env_schema_test.py TOOLKIT SCHEMA
"""
import copy
import json
import pathlib
import subprocess
import sys

import jsonschema

SLURM = {"SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0", "SLURM_PROCID": "3", "SLURM_LOCALID": "1", "SLURM_NODEID": "1",
         "SLURM_STEP_NUM_TASKS": "5", "SLURM_STEP_NUM_NODES": "3", "SLURM_STEP_NODELIST": "n[1-3]",
         "SLURM_STEP_TASKS_PER_NODE": "2(x2),1"}
TORCHRUN = {"TORCHELASTIC_RUN_ID": "x", "RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2",
            "GROUP_RANK": "1", "MASTER_ADDR": "localhost", "MASTER_PORT": "29500"}
# Name, variables, options, what must be in the answer.
CASES = [
    ("nobody", {}, [], lambda a: a["identity"]["rank"] is None and a["missing"]["rank"]),
    ("a step of Slurm", SLURM, [], lambda a: a["identity"]["rank"]["value"] == 3 and len(a["exports"]) > 7),
    ("torchrun in a step of Slurm", SLURM | TORCHRUN | {"RANK": "2"}, [], lambda a: a["conflicts"] or a["providers"][1:]),
    ("two ranks of one process", {"PMI_RANK": "1", "PMI_SIZE": "2", "MPI_LOCALRANKID": "1", "MPI_LOCALNRANKS": "2",
                                  "OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"}, [], lambda a: a["conflicts"]),
    ("checked", TORCHRUN, ["--check"], lambda a: len(a["findings"]) > 15),
    ("a port of the user", SLURM | {"MASTER_PORT": "1234", "OMP_NUM_THREADS": "7"}, [],
     lambda a: [e["kept"] for e in a["exports"] if e["name"] == "OMP_NUM_THREADS"] == ["7"]),
    ("broken TF_CONFIG", {"TF_CONFIG": "{\"cluster\": \xff"}, [], lambda a: "TF_CONFIG" in a["troubles"][0]),
]


def ask(toolkit, variables, options):
    done = subprocess.run([toolkit, "env", "--json", *options], check=False, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60, env=variables)
    return done.returncode, done.stdout, done.stderr


def holes(validator, answer):
    """A schema that takes everything proves nothing: a member more or less must be refused."""
    for key in [*answer, "surprise"]:
        broken = copy.deepcopy(answer)
        broken.pop(key, None) if key in answer else broken.update({key: 1})
        if key != "findings" and validator.is_valid(broken):
            yield f"the schema does not mind {key}"
    for name, part in (("limits", "cpu"), ("machine", "user"), ("machine", "gpus"), ("identity", "rank")):
        broken = copy.deepcopy(answer)
        broken[name][part] = {}
        if validator.is_valid(broken):
            yield f"the schema takes an empty {name}.{part}"


def main():
    toolkit, schema = sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="ascii"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    wrong = []
    for name, variables, options, holds in CASES:
        code, out, err = ask(toolkit, variables, options)
        answer = json.loads(out.decode("utf-8"))
        wrong += [f"{name}: {list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(answer)]
        wrong += holes(validator, answer)
        if code not in (0, 1) or err:
            wrong.append(f"{name}: exit code {code}, {err}")
        if not holds(answer):
            wrong.append(f"{name}: not in the answer: {out.decode()}")
    print("\n".join(wrong) or f"{len(CASES)} answers are as the schema says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
