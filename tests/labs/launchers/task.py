"""What every rank runs: writes what the launcher has told it, what MPI itself says where a library of it is
named, and the answer of `toolkit env --json`, to a file of its own, and prints the name of that, which the launcher
may put a label before.

    task.py TOOLKIT FOLDER [MPI_LIBRARY]
"""
import ctypes
import json
import os
import subprocess
import sys
import tempfile

TOLD = ("SLURM", "OMPI_COMM", "PMI", "MPI_LOCAL", "CUDA_", "TORCHELASTIC", "RANK", "WORLD", "LOCAL_", "GROUP_", "MASTER_")


def mpi(library):
    """Rank and size by the library: Open MPI's world is an object, MPICH's a number (mpi.h of each)."""
    loaded = ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    mpich = "mpich" in library
    world = ctypes.c_int(0x44000000) if mpich else ctypes.byref(ctypes.c_byte.in_dll(loaded, "ompi_mpi_comm_world"))
    rank, size = ctypes.c_int(-1), ctypes.c_int(-1)
    loaded.MPI_Init(None, None)
    loaded.MPI_Comm_rank(world, ctypes.byref(rank))
    loaded.MPI_Comm_size(world, ctypes.byref(size))
    return lambda: loaded.MPI_Finalize(), {"rank": rank.value, "size": size.value}


def main():
    toolkit, folder, *library = sys.argv[1:]
    # Before MPI_Init, which changes the environment.
    asked = subprocess.run([toolkit, "env", "--json"], capture_output=True, text=True, check=False)
    seen = {"told": {key: value for key, value in os.environ.items() if key.startswith(TOLD)}, "errors": asked.stderr,
            "answer": json.loads(asked.stdout or "null"), "mpi": None}
    if library:
        finalize, seen["mpi"] = mpi(library[0])
        finalize()
    handle, path = tempfile.mkstemp(dir=folder)
    with open(handle, "w", encoding="utf-8") as file:
        json.dump(seen, file)
    os.rename(path, path + ".json")
    os.write(1, f"{os.path.basename(path)}.json\n".encode())  # in one piece: Hydra labels each piece


if __name__ == "__main__":
    main()
