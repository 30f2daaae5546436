"""The Debian 13 root that rendezvous/torch_root.sh makes, for what Debian 12 does not have: Open MPI 5, torch 2.6.

In there the toolkit is /mnt/toolkit, the folder of this file /mnt/lab, and what a lab has to write goes to /mnt/out.
"""
import os
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
NEEDED = ("usr/bin/mpirun.openmpi", "usr/lib/python3/dist-packages/torch")
# The mounts belong to a namespace of their own and go with it.
SCRIPT = """
for d in proc dev sys; do mount --rbind /$d "$0/$d"; done
mount -t tmpfs lab "$0/mnt"
mkdir "$0/mnt/lab" "$0/mnt/out"
touch "$0/mnt/toolkit"
mount --bind "$1" "$0/mnt/toolkit"
mount --bind "$2" "$0/mnt/lab"
mount --bind "$3" "$0/mnt/out"
shift 3
exec chroot "$0" "$@"
"""


def why_not(machines):
    root = machines / "trixie-torch"
    if os.geteuid() != 0:
        return "only root can enter another root"
    if not all((root / name).exists() for name in NEEDED):
        return "no Debian 13 root with them: tests/labs/rendezvous/torch_root.sh MACHINES_FOLDER makes it"
    return ""


def inside(machines, toolkit, folder):
    """The beginning of a command line that runs in there. Debian's torch is built without libuv, its own default."""
    return ["env", "USE_LIBUV=0", "unshare", "-m", "sh", "-ec", SCRIPT, machines / "trixie-torch", toolkit, HERE, folder]
