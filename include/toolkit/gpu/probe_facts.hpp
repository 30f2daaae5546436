#pragma once
// What NVML and CUDA answered, asked by probes of their own process each: one that hangs or dies
// costs its own answers only.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace toolkit::gpu {

struct ProbeOutcome {
  std::string name;    // "nvml", "cuda", "gpu 3", "verbs"
  std::string state;   // "done", "hung", "crashed", "no loader", "not started"
  std::string phase;   // the call it was in: "nvmlInit_v2", "open(/dev/nvidia3)"
  std::string detail;  // "signal 11", "wchan: nv_wait", an errno in words
  double elapsed_ms = 0;

  static void fields(auto& self, auto& visit) {
    visit("name", self.name);
    visit("state", self.state);
    visit("phase", self.phase);
    visit("detail", self.detail);
    visit("elapsed_ms", self.elapsed_ms);
  }
};

/// One GPU as NVML sees it. `values` has numbers and words by the names of probe_values.hpp
/// ("ecc.volatile_uncorrected": "0"); `absent` says why others are not there ("no symbol",
/// "nvml 3"), so that a rule can tell "not supported" from "not seen".
struct NvmlGpu {
  std::optional<int> index;
  std::optional<int> handle_error;  // nvmlReturn_t of the handle; 0 fine
  std::string uuid, address, name, architecture, compute_capability;
  std::optional<std::uint32_t> minor;
  std::map<std::string, std::string> values, absent;
  std::vector<std::map<std::string, std::string>> links, processes, mig;

  static void fields(auto& self, auto& visit) {
    visit("index", self.index);
    visit("handle_error", self.handle_error);
    visit("uuid", self.uuid);
    visit("address", self.address);
    visit("name", self.name);
    visit("architecture", self.architecture);
    visit("compute_capability", self.compute_capability);
    visit("minor", self.minor);
    visit("values", self.values);
    visit("absent", self.absent);
    visit("links", self.links);
    visit("processes", self.processes);
    visit("mig", self.mig);
  }
};

struct NvmlFacts {
  std::string library;              // the path that dlopen took, "" none
  std::string load_error;           // dlerror(3)
  std::optional<int> attach_error;  // nvmlInitWithFlags without GPUs: library and kernel only
  std::optional<int> init_error;    // nvmlReturn_t, 0 fine
  std::optional<int> count_error;   // of nvmlDeviceGetCount, where it did not say a number
  std::string driver_version;
  std::optional<int> cuda_version;  // 12040
  std::optional<int> count;
  std::vector<NvmlGpu> gpus;
  std::map<std::string, std::string> p2p;  // "0-1 nvlink": "ok"
  std::vector<std::string> overruns;       // calls that wrote more than their header says

  static void fields(auto& self, auto& visit) {
    visit("library", self.library);
    visit("load_error", self.load_error);
    visit("attach_error", self.attach_error);
    visit("init_error", self.init_error);
    visit("count_error", self.count_error);
    visit("driver_version", self.driver_version);
    visit("cuda_version", self.cuda_version);
    visit("count", self.count);
    visit("gpus", self.gpus);
    visit("p2p", self.p2p);
    visit("overruns", self.overruns);
  }
};

struct CudaGpu {
  int ordinal = 0;
  std::optional<int> handle_error;  // CUresult of cuDeviceGet
  std::string uuid, address, name, compute_capability;
  std::map<std::string, std::string> attributes;

  static void fields(auto& self, auto& visit) {
    visit("ordinal", self.ordinal);
    visit("handle_error", self.handle_error);
    visit("uuid", self.uuid);
    visit("address", self.address);
    visit("name", self.name);
    visit("compute_capability", self.compute_capability);
    visit("attributes", self.attributes);
  }
};

struct CudaFacts {
  std::string library, load_error;
  std::optional<int> init_error;      // CUresult, 0 fine
  std::optional<int> driver_version;  // cuDriverGetVersion: 12040
  std::optional<int> count;
  std::vector<CudaGpu> gpus;

  static void fields(auto& self, auto& visit) {
    visit("library", self.library);
    visit("load_error", self.load_error);
    visit("init_error", self.init_error);
    visit("driver_version", self.driver_version);
    visit("count", self.count);
    visit("gpus", self.gpus);
  }
};

/// `--deep`: what a GPU did under load.
struct DeepFacts {
  bool ran = false;
  std::vector<std::map<std::string, std::string>> gpus;

  static void fields(auto& self, auto& visit) {
    visit("ran", self.ran);
    visit("gpus", self.gpus);
  }
};

struct ProbeFacts {
  std::vector<ProbeOutcome> outcomes;
  NvmlFacts nvml;
  CudaFacts cuda;
  DeepFacts deep;

  static void fields(auto& self, auto& visit) {
    visit("outcomes", self.outcomes);
    visit("nvml", self.nvml);
    visit("cuda", self.cuda);
    visit("deep", self.deep);
  }
};

}  // namespace toolkit::gpu
