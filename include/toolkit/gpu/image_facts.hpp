#pragma once
// What the image brings: CUDA runtimes, frameworks, their libraries, and the GPU code inside them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace toolkit::gpu {

struct CudaRuntime {
  std::string version;  // "12.4"
  std::string source;   // "/usr/local/cuda/version.json", "CUDA_VERSION", a libcudart's path

  static void fields(auto& self, auto& visit) {
    visit("version", self.version);
    visit("source", self.source);
  }
};

struct Framework {
  std::string name, version, cuda;  // "torch", "2.4.0+cu121", "12.1"
  std::string path;

  static void fields(auto& self, auto& visit) {
    visit("name", self.name);
    visit("version", self.version);
    visit("cuda", self.cuda);
    visit("path", self.path);
  }
};

/// A library that programs of this CUDA expect.
struct ExpectedLibrary {
  std::string soname, wanted_by;  // "libcupti.so.12", "torch"
  std::string found;              // a path, "" nowhere
  bool dangling = false;          // a link to nothing
  std::string near;               // the same library under another version, "" none

  static void fields(auto& self, auto& visit) {
    visit("soname", self.soname);
    visit("wanted_by", self.wanted_by);
    visit("found", self.found);
    visit("dangling", self.dangling);
    visit("near", self.near);
  }
};

/// The GPU code of one file: .nv_fatbin and __nv_relfatbin.
struct GpuCode {
  std::string path, part_of;           // "torch", "nccl", "cublas"
  std::vector<std::string> sass, ptx;  // "80", "90a"
  std::string newest_ptx;              // the highest ISA of its PTX: "8.7"
  bool variants_unseen = false;        // a "90" may be a "90a": its own header is compressed
  bool complete = false;               // all of its code is where we can see it
  std::string trouble;                 // why not

  static void fields(auto& self, auto& visit) {
    visit("path", self.path);
    visit("part_of", self.part_of);
    visit("sass", self.sass);
    visit("ptx", self.ptx);
    visit("newest_ptx", self.newest_ptx);
    visit("variants_unseen", self.variants_unseen);
    visit("complete", self.complete);
    visit("trouble", self.trouble);
  }
};

/// A forward-compatibility libcuda and what its note says.
struct CompatLibrary {
  std::string path, version, cuda;
  std::vector<std::string> driver_branches;  // "535", "550"
  std::vector<std::string> devices;          // numbers of NVIDIA's, whose meaning is not published
  std::string trouble;                       // why the note could not be read

  static void fields(auto& self, auto& visit) {
    visit("path", self.path);
    visit("version", self.version);
    visit("cuda", self.cuda);
    visit("driver_branches", self.driver_branches);
    visit("devices", self.devices);
    visit("trouble", self.trouble);
  }
};

struct ImageFacts {
  std::vector<CudaRuntime> runtimes;
  std::vector<Framework> frameworks;
  std::vector<ExpectedLibrary> libraries;
  std::vector<GpuCode> code;
  std::vector<CompatLibrary> compat;
  std::vector<std::string> not_scanned;  // libraries that were left out, and why
  std::string libc;                      // "glibc 2.36", "musl", "none"

  static void fields(auto& self, auto& visit) {
    visit("runtimes", self.runtimes);
    visit("frameworks", self.frameworks);
    visit("libraries", self.libraries);
    visit("code", self.code);
    visit("compat", self.compat);
    visit("not_scanned", self.not_scanned);
    visit("libc", self.libc);
  }
};

}  // namespace toolkit::gpu
