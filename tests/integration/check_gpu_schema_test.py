#!/usr/bin/env python3
"""What `toolkit check-gpu --json` writes is what its published JSON Schema says, for every capture.

    check_gpu_schema_test.py TOOLKIT SCHEMA FIXTURES
"""
import copy
import json
import pathlib
import subprocess
import sys

import jsonschema


def ask(toolkit, options):
    done = subprocess.run([toolkit, "check-gpu", "--json", *options], check=False, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60, env={"PATH": "/usr/bin:/bin"})
    return done.returncode, done.stdout, done.stderr


def holes(validator, answer):
    """A schema that takes everything proves nothing: a member more or less must be refused."""
    for key in [*answer, "surprise"]:
        broken = copy.deepcopy(answer)
        broken.pop(key, None) if key in answer else broken.update({key: 1})
        if validator.is_valid(broken):
            yield f"the schema does not mind {key}"
    for name in ("findings", "gpus", "probes"):
        broken = copy.deepcopy(answer)
        broken[name].append({})
        if validator.is_valid(broken):
            yield f"the schema takes an empty item of {name}"


def main():
    toolkit, schema = sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="ascii"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    cases = [("here", []), ("nothing wanted", ["--expect", "0"])]
    cases += [(file.stem, ["--replay", str(file)]) for file in sorted(pathlib.Path(sys.argv[3]).glob("*.json"))]
    wrong = []
    for name, options in cases:
        code, out, err = ask(toolkit, options)
        answer = json.loads(out.decode("utf-8"))
        wrong += [f"{name}: {list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(answer)]
        wrong += [f"{name}: {hole}" for hole in holes(validator, answer)]
        if code != answer["exit_code"] or err:
            wrong.append(f"{name}: exit code {code}, in the answer {answer['exit_code']}; {err}")
        primaries = [finding["id"] for finding in answer["findings"] if finding["primary"]]
        if primaries != ([answer["primary"]] if answer["primary"] else []):
            wrong.append(f"{name}: primary is {answer['primary']}, of the findings {primaries}")
    print("\n".join(wrong) or f"{len(cases)} answers are as the schema says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
