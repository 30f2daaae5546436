"""Made-up machines of a cluster: the healthy places of the driver's lab, with a switch, adapters and limits.

What a tree cannot have (limits of the process, room in /dev/shm, a cgroup that refuses) a cluster says in `host`
and `refused`; captures.py writes it into the capture.
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "driver"))
from places import NEW, Place  # noqa: E402

SWITCH = "sys/devices/pci0000:3a/0000:3a:01.0/0000:41:00.0"
FOREIGN = "/sys/class/net/lo/duplex"  # whose read the kernel refuses with EINVAL, as a GID of another namespace
GIB = 1 << 30


class Cluster(Place):
    def __init__(self, root, gpus=2, **others):
        super().__init__(root, gpus=gpus, **others)
        self.inject()
        self.module(NEW, "Open Kernel Module for x86_64")
        self.adapters, self.refused, self.wanted = 0, {}, []
        self.host = {"shm_total": 16 * GIB, "shm_free": 16 * GIB, "shm_allocation_error": 0, "allowed_cpus": "0-47",
                     "limits": {"memlock": "unlimited", "nofile": "1048576"}, "memory_total": 512 * GIB,
                     "mempolicy_error": 0}
        self.write("sys/module/nvidia_peermem/version", NEW + "\n")
        self.write("sys/class/net/eth0/mtu", "1500\n")
        self.write("dev/infiniband/rdma_cm", "")

    def gpu(self, i, driver="nvidia"):
        """As places.py has it, but below a switch that adapters share."""
        super().gpu(i, driver)
        address = f"0000:{0x3b + i:02x}:00.0"
        old, new = self.root / f"sys/devices/pci0000:3a/0000:3a:{i:02x}.0/{address}", f"{SWITCH}/0000:42:{i:02x}.0/{address}"
        if not (self.root / new).exists():
            self.path(new)
            old.rename(self.root / new)
        link = self.root / f"sys/bus/pci/devices/{address}"
        link.unlink()
        link.symlink_to("../../../" + new.removeprefix("sys/"))

    def port(self, name):
        return f"sys/class/infiniband/{name}/ports/1"

    def adapter(self, name, layer="InfiniBand", given=True, function=False):
        n = self.adapters
        self.adapters += 1
        real = f"{SWITCH}/0000:42:1{n}.0/0000:5{n}:00.0"
        self.write(f"{real}/numa_node", "0\n")
        self.link(f"{real}/driver", "../drivers/" + ("efa" if layer == "Unknown" else "mlx5_core"))
        self.write(f"{real}/infiniband/{name}/node_guid", "b83f:d203:0001:0002\n")
        self.link(f"{real}/infiniband/{name}/device", "../..")
        self.link(f"sys/class/infiniband/{name}", "../../" + f"{real}/infiniband/{name}".removeprefix("sys/"))
        self.write(f"sys/class/infiniband_verbs/uverbs{n}/ibdev", name + "\n")
        if given:
            self.write(f"dev/infiniband/uverbs{n}", "")
        if function:
            self.link(f"{real}/physfn", f"../0000:5{n}:00.0")
        self.attributes(name, state="4: ACTIVE", phys_state="5: LinkUp", rate="400 Gb/sec (4X NDR)", link_layer=layer)
        if layer == "InfiniBand":
            self.attributes(name, lid="0x11", sm_lid="0x1")
            self.write(f"{self.port(name)}/pkeys/0", "0xffff\n")
            self.write(f"{self.port(name)}/gids/0", "fe80:0000:0000:0000:b83f:d203:0001:0002\n")
        return self

    def attributes(self, name, **texts):
        for key, text in texts.items():
            self.write(f"{self.port(name)}/{key}", text + "\n")

    def gid(self, name, index, gid, kind="RoCE v2", interface="eth0"):
        port = self.port(name)
        self.write(f"{port}/gids/{index}", gid + "\n")
        self.write(f"{port}/gid_attrs/types/{index}", kind + "\n")
        self.write(f"{port}/gid_attrs/ndevs/{index}", interface + "\n")

    def foreign_gid(self, name, index, gid):
        port = self.port(name)
        self.write(f"{port}/gids/{index}", gid + "\n")
        self.link(f"{port}/gid_attrs/types/{index}", FOREIGN)
        self.link(f"{port}/gid_attrs/ndevs/{index}", FOREIGN)
