#include "src/gpu/place/parts.hpp"

#include <doctest/doctest.h>

using namespace toolkit::gpu;

namespace {

std::string injection_of(std::string_view mountinfo) {
  PlaceFacts place;
  find_injection(mountinfo, place);
  return place.injection;
}

constexpr const char* kRoot = "1 0 0:1 / / rw - overlay overlay rw\n";
constexpr const char* kLegacy =
    "2 1 0:5 / /proc/driver/nvidia rw,nosuid,nodev,noexec - tmpfs tmpfs rw,mode=555\n";
constexpr const char* kParams = "3 1 0:6 /params /proc/driver/nvidia/params rw - tmpfs tmpfs rw\n";
constexpr const char* kLibrary =
    "4 1 8:1 /usr/lib/libcuda.so.550.54.15 /usr/lib/libcuda.so.550.54.15 ro - ext4 /dev/sda1 rw\n";

}  // namespace

TEST_CASE("the mounts tell who brought the driver in") {
  const std::string root = kRoot;
  CHECK(injection_of(root) == "none");
  CHECK(injection_of("") == "none");
  CHECK(injection_of(root + kLibrary) == "mounts");
  CHECK(injection_of(root + kLibrary + kLegacy) == "legacy");
  CHECK(injection_of(root + kLegacy + kParams + kLibrary) == "legacy");
  CHECK(injection_of(root + kParams + kLibrary) == "cdi");
  CHECK(injection_of(root + kLibrary + kParams) == "cdi");
  CHECK(injection_of("5 1 8:1 / /opt/libcuda.so.d/x rw - ext4 x rw\n") == "none");
}

TEST_CASE(
    "variables about GPUs are kept, those of secrets masked, and others left where they are") {
  const char* environment[] = {"NVIDIA_VISIBLE_DEVICES=all",
                               "SLURM_JOB_GPUS=0,1",
                               "SLURM_JOB_USER=ann",
                               "HOME=/home/ann",
                               "NCCL_AUTH_TOKEN=hush",
                               "CUDA_CACHE_PATH=s3://me:hush@x/y",
                               "no equals sign",
                               nullptr};
  const auto found = gpu_variables(environment);
  CHECK(found.size() == 4);
  CHECK(found.at("NVIDIA_VISIBLE_DEVICES") == "all");
  CHECK(found.at("SLURM_JOB_GPUS") == "0,1");
  CHECK(found.at("NCCL_AUTH_TOKEN") == "***");
  CHECK(found.at("CUDA_CACHE_PATH").find("hush") == std::string::npos);
  CHECK(gpu_variables(nullptr).empty());
}
