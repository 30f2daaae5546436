#include "image_judges.hpp"
#include "rules.hpp"

#include <array>

namespace toolkit::diagnosis {
namespace {

constexpr std::array<std::string_view, 1> kDriver{"drv.loaded"};
constexpr std::array<std::string_view, 2> kRuntime{"drv.loaded", "cuda.runtime"};
constexpr std::array<std::string_view, 2> kGpus{"nvml.init", "nvml.handles"};
constexpr std::array<std::string_view, 3> kCode{"nvml.init", "nvml.handles", "cuda.arch"};

constexpr std::array kRules{
    Rule{"cuda.runtime", "Is the driver new enough for the image's CUDA?",
         "The CUDA of the image is that of its frameworks (torch/version.py, TensorFlow's "
         "build_info, "
         "packages of JAX and CuPy), else CUDA_VERSION, else the newest of version.json, libcudart "
         "and "
         "the packages nvidia_cuda_runtime. A driver from the one in the toolkit's box on lacks "
         "nothing. "
         "From the floor of its major version on (CUDA 11 and later) it runs in minor-version "
         "mode: PTX "
         "of the newer toolkit is refused with 222. Below, CUDA does not start, unless a "
         "forward-compatibility library is what the loader takes.",
         "CUDA Toolkit Release Notes, tables of driver versions; CUDA Compatibility", kDriver,
         judge_cuda_runtime},
    Rule{"cuda.compat", "Does a forward-compatibility library fit this driver and GPU?",
         "A package cuda-compat brings a newer libcuda. Its ELF note .note.cuda.fwd_compatibility "
         "is JSON "
         "with its CUDA and the driver branches it is made for; older ones have none. In use, it "
         "must "
         "allow the host's branch, be newer than the host's driver, and the GPU must have forward "
         "compatibility at all: CUDA says 804 where not (GeForce).",
         "CUDA Compatibility; nvidia-container-toolkit, hook cuda-compat; nvidia-docker#1515",
         kRuntime, judge_cuda_compat},
    Rule{
        "cuda.arch", "Do the driver and the image's CUDA support this GPU's architecture?",
        "The compute capability against the first and last CUDA and the last driver branch for it. "
        "The first driver is that of the first CUDA.",
        "Data Center Drivers, CUDA Toolkit, Driver, and Architecture Matrix; PTX ISA release "
        "history",
        kGpus, judge_cuda_architecture},
    Rule{"cuda.libs",
         "Are the CUDA libraries there that the frameworks want?",
         "What PyTorch's libraries are linked with (DT_NEEDED) and what TensorFlow opens by name, "
         "looked "
         "for beside the framework, in NVIDIA's wheels, in the toolkit, in LD_LIBRARY_PATH and in "
         "ld.so.conf.d. Also links of CUDA's that lead nowhere.",
         "TensorFlow's dso_loader; the libraries' own dynamic sections",
         {},
         judge_cuda_libraries},
    Rule{"image.fatbin", "Is there code for this GPU in the image's libraries?",
         "The headers of .nv_fatbin and __nv_relfatbin in the frameworks' libraries, NCCL, cuBLAS, "
         "cuDNN "
         "and the like. SASS runs on its own major version from its minor version on, PTX on every "
         "newer "
         "GPU when the driver knows its version; \"a\" variants run on their own GPU only. What "
         "was not "
         "or not wholly looked at is unknown: time is limited to a second, and a compressed entry "
         "from before CUDA 13 "
         "does not show "
         "whether it is an \"a\".",
         "CUDA C++ Programming Guide, Binary and PTX Compatibility; pytorch#167244, #150733", kCode,
         judge_gpu_code}};

}  // namespace

std::span<const Rule> image_rules() { return kRules; }

}  // namespace toolkit::diagnosis
