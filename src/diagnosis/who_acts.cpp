// For --explain: whose job a rule's failures and warnings are, and what there is to do. A finding
// says it for its own case; tests hold its owner against this list.
#include <toolkit/diagnosis/rule.hpp>

#include <algorithm>
#include <array>

namespace toolkit::diagnosis {
namespace {

struct Row {
  std::string_view id, acts;
};

constexpr std::array kRows{
    Row{"probe.hung",
        "node: reboot it, or reset the GPU that does not answer; reinstall a driver that crashes"},
    Row{"env.visible",
        "user: ask for GPUs, or start on a machine with GPUs|"
        "runtime: give the container its GPUs and the capabilities compute,utility"},
    Row{"env.badvars", "user: unset the variable unless it is meant"},
    Row{"drv.loaded",
        "node: load NVIDIA's driver, bind the GPU to it, wait until it is loaded|"
        "runtime: have the job scheduled to a node with GPUs"},
    Row{"drv.flavour", "node: install the kernel modules, open or proprietary, that fit the GPU"},
    Row{"dev.major", "runtime: recreate the container, so that its device files are made anew"},
    Row{"dev.cgroup", "runtime: recreate the container; keep systemd from taking its devices"},
    Row{"dev.nodes",
        "runtime: recreate the container with its GPUs' device files|"
        "node: find out in the kernel log why the driver has no such GPU|"
        "hardware: do not use this node: a GPU is lost"},
    Row{"dev.uvm",
        "runtime: pass /dev/nvidia-uvm into the container|"
        "node: load nvidia-uvm and have its device files made"},
    Row{"dev.foreign", "node: take the GPU out of NVreg_ExcludedGpus, unless it is broken"},
    Row{"drv.mismatch",
        "node: reload the driver or reboot after an upgrade; keep one version only|"
        "runtime: recreate the container; mount the libraries of the loaded module|"
        "image: remove the driver's files, stubs and links from the image|"
        "user: take stubs out of LD_LIBRARY_PATH"},
    Row{"nvml.init",
        "node: read the kernel log; reset the GPU or reboot; install one version of the driver|"
        "runtime: recreate the container with its devices and libraries|"
        "image: remove stubs and files of another driver|"
        "hardware: have a GPU without a sound infoROM examined"},
    Row{"nvml.handles",
        "hardware: do not use this node: a GPU is lost or broken|"
        "node: read the kernel log; reset the GPU or reboot|"
        "runtime: recreate the container with its device files"},
    Row{"env.cvd", "user: name GPUs that are here in CUDA_VISIBLE_DEVICES, each once"},
    Row{"env.require",
        "node: install the driver that the image asks for, or choose another node|"
        "user: unset the variable, or choose an image for this machine|"
        "image: correct the variable in the image"},
    Row{"hw.recovery", "node: drain it, reset the GPU, or reboot, as the driver asks"},
    Row{"hw.ecc",
        "hardware: do not train on this GPU: reset it; replace it if errors come back|"
        "node: reset the GPU or reboot, so that the setting takes effect"},
    Row{"hw.pages",
        "node: reset the GPU or reboot, so that pages are retired|"
        "hardware: watch the GPU; replace it when no more can be retired"},
    Row{"hw.remap",
        "node: reset the GPU or reboot, so that rows are remapped|"
        "hardware: replace a GPU that could not remap; plan it when spares run out"},
    Row{"hw.xid",
        "node: reset or reboot as the Xid's class says|"
        "hardware: look at power and cables, or replace the GPU"},
    Row{"hw.throttle",
        "hardware: check cooling, power supplies and power cables|"
        "node: take settings of clocks and power back"},
    Row{"hw.temp", "hardware: check fans, air and water|node: check the room's cooling"},
    Row{"hw.power", "node: take the power cap back, unless it is meant"},
    Row{"hw.clocks", "node: take clock settings back: `nvidia-smi -rac`, `nvidia-smi -rgc`"},
    Row{"hw.pcie", "hardware: reseat the GPU or its riser; have slot and GPU examined"},
    Row{"hw.mode", "node: set the compute mode back, or end who holds the GPU"},
    Row{"hw.mig",
        "runtime: give the container a MIG instance|"
        "node: make instances, or reset the GPU so that the mode takes effect|"
        "user: give each process its own instance, or use whole GPUs"},
    Row{"hw.procs", "user: end the other job, or look on the node who holds the GPU"},
    Row{"hw.uniform", "node: use GPUs of one kind and one setting in a job"},
    Row{"fab.state", "node: start the fabric manager, of the driver's own version; read its log"},
    Row{"nvlink.state", "hardware: reset the GPU; have GPU, bridge or baseboard examined"},
    Row{"nvlink.p2p", "node: look at the driver's options, ACS and IOMMU"},
    Row{"cuda.init",
        "node: start the fabric manager; end who holds the GPU; look at limits|"
        "runtime: pass /dev/nvidia-uvm and the capability compute into the container|"
        "image: remove stubs, and forward-compatibility libraries that do not fit|"
        "user: correct CUDA_VISIBLE_DEVICES or LD_LIBRARY_PATH"},
    Row{"env.count",
        "runtime: ask for all GPUs (`--gpus`, `resources.limits`)|"
        "node: find the missing GPU in the kernel log|"
        "user: ask for as many as there are"},
    Row{"cuda.runtime",
        "node: update the driver|"
        "runtime: have the forward-compatibility library used|"
        "image: use a CUDA that this driver knows, or install cuda-compat"},
    Row{"cuda.compat", "image: remove the forward-compatibility library, or use one that fits"},
    Row{"cuda.arch",
        "image: use an image with a CUDA that knows this GPU|"
        "node: install a driver that knows this GPU"},
    Row{"cuda.libs", "image: install the libraries that are missing, or remove broken links"},
    Row{"image.fatbin", "image: install a build with code for this GPU|node: update the driver"},
    Row{"hw.numa", "runtime: let the CPU set follow the GPUs"},
    Row{"nvlink.acs", "node: switch ACS off where the machine is not virtual"},
    Row{"sys.shm", "runtime: give the container a larger /dev/shm|user: remove what is left in it"},
    Row{"sys.limits", "runtime: raise the limit: memlock, nofile, pids, memory"},
    Row{"rdma.dev",
        "runtime: start the container with the adapters' device files|"
        "node: load the adapters' driver, or choose a node that has adapters"},
    Row{"rdma.vf", "node: give the virtual function its GUID and state on the host"},
    Row{"rdma.port",
        "hardware: check cable, transceiver and switch|"
        "node: bring the port up, start the subnet manager"},
    Row{"rdma.counters", "hardware: check cable and transceiver"},
    Row{"rdma.gid",
        "user: set NCCL_IB_GID_INDEX to one that works, or unset it|"
        "runtime: run with the host's network, or give the pod the adapter's interface|"
        "node: give the adapter's interface an address, and bring it up"},
    Row{"rdma.pkey",
        "user: unset NCCL_IB_PKEY, or name a key that is there|"
        "node: have the subnet manager make the port a full member"},
    Row{"rdma.gdr", "node: load nvidia-peermem, or use a kernel and driver with dma-buf"},
    Row{"rdma.topo", "runtime: give the container the adapters beside its GPUs"},
    Row{"rdma.env",
        "user: correct NCCL's variables, or unset them|image: install the plugin they name"},
    Row{"amd.kfd",
        "runtime: start it with `--device /dev/kfd --device /dev/dri`|"
        "node: reload amdgpu; read the kernel log"},
    Row{"amd.render", "runtime: give the container the render nodes and their group"},
    Row{"amd.ras", "hardware: reset the GPU or reboot; replace it if errors come back"},
    Row{"amd.memory", "user: end the other job, or choose another GPU"},
    Row{"amd.visible", "user: name GPUs that are here, or unset the variable"},
    Row{"burn.start",
        "runtime: mount libnvidia-ptxjitcompiler.so.1 too|"
        "node: look at the driver's version and its log|"
        "hardware: reset the GPU; have it examined if work fails again"},
    Row{"burn.memory", "hardware: do not train on this GPU; have it replaced"},
    Row{"burn.compute", "hardware: do not train on this GPU; have it replaced"},
    Row{"burn.bandwidth", "hardware: look for heat, power caps and other users"},
    Row{"burn.pcie", "hardware: look at the slot's lanes, IOMMU settings and the NUMA node"},
    Row{"burn.peers", "hardware: leave the slow GPU or its node out of the job"},
    Row{"burn.counters", "hardware: reset or reseat the GPU; replace it if errors come back"},
};

}  // namespace

std::string_view who_acts(std::string_view id) {
  const auto row = std::ranges::find(kRows, id, &Row::id);
  return row == kRows.end() ? std::string_view() : row->acts;
}

}  // namespace toolkit::diagnosis
