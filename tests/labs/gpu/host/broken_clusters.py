"""The clusters of clusters.py broken in one way each, or not at all; a function's name is its capture's name."""
from clusters import GIB, Cluster

IPV4, LOCAL = "0000:0000:0000:0000:0000:ffff:0a00:0005", "fe80:0000:0000:0000:ba3f:d2ff:fe01:0002"


def rdma_port_down(root):
    place = Cluster(root).adapter("mlx5_0").adapter("mlx5_1")
    place.attributes("mlx5_1", state="1: DOWN", phys_state="2: Polling")
    return place


def rdma_port_disabled(root):
    place = Cluster(root).adapter("mlx5_0")
    place.attributes("mlx5_0", state="1: DOWN", phys_state="3: Disabled")
    return place


def rdma_no_subnet_manager(root):
    place = Cluster(root).adapter("mlx5_0")
    place.attributes("mlx5_0", state="2: INIT", lid="0x0", sm_lid="0x0")
    return place


def rdma_device_missing(root):
    place = Cluster(root).adapter("mlx5_0", given=False)
    place.variables["NCCL_IB_HCA"] = "mlx5"
    return place


def rdma_device_cgroup(root):
    place = Cluster(root).adapter("mlx5_0")
    place.refused["mlx5_0"] = 1
    return place


def rdma_function_without_guid(root):
    place = Cluster(root).adapter("mlx5_0", function=True)
    place.write("sys/class/infiniband/mlx5_0/node_guid", "0000:0000:0000:0000\n")
    place.attributes("mlx5_0", state="1: DOWN", phys_state="5: LinkUp")
    return place


def rdma_gids_of_host(root):
    place = Cluster(root).adapter("mlx5_0", "Ethernet")
    for index in (0, 1, 2, 3):
        place.foreign_gid("mlx5_0", index, IPV4 if index > 1 else LOCAL)
    return place


def rdma_gid_index_of_another_machine(root):
    place = Cluster(root).adapter("mlx5_0", "Ethernet", function=True)
    place.foreign_gid("mlx5_0", 3, "0000:0000:0000:0000:0000:ffff:0a00:0001")
    place.gid("mlx5_0", 5, IPV4)
    place.variables["NCCL_IB_GID_INDEX"] = "3"
    return place


def rdma_pkey_index_empty(root):
    place = Cluster(root).adapter("mlx5_0")
    place.variables["NCCL_IB_PKEY"] = "3"
    return place


def rdma_hca_of_another_machine(root):
    place = Cluster(root).adapter("mlx5_0")
    place.variables["NCCL_IB_HCA"] = "=mlx5_4,mlx5_5"
    return place


def rdma_interface_of_another_machine(root):
    place = Cluster(root)
    place.variables["NCCL_SOCKET_IFNAME"] = "ens1f0"
    return place


def rdma_gdr_required(root):
    place = Cluster(root).adapter("mlx5_0")
    (place.root / "sys/module/nvidia_peermem/version").unlink()
    place.write("proc/sys/kernel/osrelease", "5.4.0-150-generic\n")
    place.wanted = ["--gdr=required"]
    return place


def rdma_memlock_of_engine(root):
    place = Cluster(root).adapter("mlx5_0")
    place.host["limits"]["memlock"] = str(8 << 20)
    return place


def shm_of_engine(root):
    place = Cluster(root)
    place.host["shm_total"] = place.host["shm_free"] = 64 << 20
    return place


def shm_full_of_leftovers(root):
    place = Cluster(root)
    place.host |= {"shm_total": GIB, "shm_free": 0, "shm_allocation_error": 28, "stale_shm": ["nccl-Ab12Cd"],
                   "stale_shm_bytes": GIB}
    return place


# Healthy ones, with what must be said of them.
def rdma_infiniband(root):
    return Cluster(root).adapter("mlx5_0").adapter("mlx5_1")


def rdma_roce(root):
    place = Cluster(root).adapter("mlx5_0", "Ethernet")
    place.gid("mlx5_0", 0, LOCAL, "IB/RoCE v1")
    place.gid("mlx5_0", 1, LOCAL)
    place.gid("mlx5_0", 2, IPV4, "IB/RoCE v1")
    place.gid("mlx5_0", 3, IPV4)
    return place


def rdma_roce_in_pod(root):
    place = Cluster(root).adapter("mlx5_0", "Ethernet", function=True)
    place.foreign_gid("mlx5_0", 3, "0000:0000:0000:0000:0000:ffff:0a00:0001")
    place.gid("mlx5_0", 5, IPV4)
    return place


EXPECTED = {
    rdma_port_down: "rdma.port down hardware 14",
    rdma_port_disabled: "rdma.port disabled node 13",
    rdma_no_subnet_manager: "rdma.port no_subnet_manager node 13",
    rdma_device_missing: "rdma.dev missing runtime 12",
    rdma_device_cgroup: "rdma.dev cgroup runtime 12",
    rdma_function_without_guid: "rdma.vf no_guid node 13",
    rdma_gids_of_host: "rdma.gid foreign runtime 12",
    rdma_gid_index_of_another_machine: "rdma.gid index user 10",
    rdma_pkey_index_empty: "rdma.pkey index user 10",
    rdma_hca_of_another_machine: "rdma.env hca user 10",
    rdma_interface_of_another_machine: "rdma.env interface user 10",
    rdma_gdr_required: "rdma.gdr old_kernel node 13",
    rdma_memlock_of_engine: "sys.limits memlock runtime 12",
    shm_of_engine: "sys.shm small runtime 12",
    shm_full_of_leftovers: "sys.shm stale user 10",
}
SAID = {
    rdma_infiniband: "rdma.topo: nearest adapter: PIX mlx5_0",
    rdma_roce: "rdma.gid: NCCL_IB_GID_INDEX=3 would work",
    rdma_roce_in_pod: "rdma.gid: NCCL_IB_GID_INDEX=5 would work",
}
