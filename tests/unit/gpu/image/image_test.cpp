#include "fake_elf.hpp"
#include "src/gpu/collectors.hpp"
#include "tests/support/temp_dir.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <map>

using namespace toolkit::gpu;

namespace {

const std::string kSite = "usr/local/lib/python3.11/site-packages/";

// Large enough to be looked into.
std::string with_code(std::vector<fake::Section> sections,
                      const std::vector<fake::Entry>& entries) {
  sections.push_back({".nv_fatbin", 1, fake::fatbin(entries), 0, 8});
  sections.push_back({".text", 1, std::string(32 << 10, 'x'), 0, 16});
  return fake::elf(sections);
}

ImageFacts look(const toolkit::support::TempDir& root,
                const std::map<std::string, std::string>& variables = {},
                std::chrono::seconds left = std::chrono::seconds(60)) {
  CollectOptions options;
  options.root = root.path();
  options.variables = [&](std::string_view name) -> std::optional<std::string_view> {
    const auto it = variables.find(std::string(name));
    return it == variables.end() ? std::nullopt : std::optional<std::string_view>(it->second);
  };
  return read_image(options, std::chrono::steady_clock::now() + left);
}

const ExpectedLibrary* library(const ImageFacts& image, std::string_view soname) {
  for (const ExpectedLibrary& one : image.libraries) {
    if (one.soname == soname) {
      return &one;
    }
  }
  return nullptr;
}

}  // namespace

TEST_CASE("an image without anything has nothing, and says so of its C library") {
  const toolkit::support::TempDir root;
  const ImageFacts image = look(root);
  CHECK(image.runtimes.empty());
  CHECK(image.frameworks.empty());
  CHECK(image.libraries.empty());
  CHECK(image.code.empty());
  CHECK(image.compat.empty());
  CHECK(image.not_scanned.empty());
  CHECK(image.libc == "none");
}

TEST_CASE("runtimes are known by variable, version file, library and package") {
  const toolkit::support::TempDir root;
  root.write("usr/local/cuda-12.4/version.json",
             R"({"cuda":{"name":"CUDA SDK","version":"12.4.1"}})");
  root.write("usr/local/cuda-10.1/version.txt", "CUDA Version 10.1.243\n");
  root.write("usr/local/cuda-12.4/lib64/libcudart.so.12.4.127", "");
  root.write("usr/local/cuda-12.4/lib64/libcudart.so.12", "");
  root.write(kSite + "nvidia_cuda_runtime_cu12-12.1.105.dist-info/METADATA", "");
  root.write(kSite + "nvidia_cuda_runtime-13.0.96.dist-info/METADATA", "");
  std::map<std::string, std::string> by_source;
  for (const CudaRuntime& runtime : look(root, {{"CUDA_VERSION", "12.4.1"}}).runtimes) {
    by_source[runtime.source] = runtime.version;
  }
  CHECK(by_source == std::map<std::string, std::string>{
                         {"CUDA_VERSION", "12.4"},
                         {"/usr/local/cuda-12.4/version.json", "12.4"},
                         {"/usr/local/cuda-10.1/version.txt", "10.1"},
                         {"/usr/local/cuda-12.4/lib64/libcudart.so.12.4.127", "12.4"},
                         {"/" + kSite + "nvidia_cuda_runtime_cu12-12.1.105.dist-info", "12.1"},
                         {"/" + kSite + "nvidia_cuda_runtime-13.0.96.dist-info", "13.0"}});
}

TEST_CASE("a version file that is broken is passed over") {
  const toolkit::support::TempDir root;
  for (const char* const text :
       {"", "{", "[]", "3", "{\"cuda\":3}", "{\"cuda\":{\"version\":12}}", "{\"cuda\":{}}"}) {
    root.write("usr/local/cuda/version.json", text);
    CHECK(look(root).runtimes.empty());
  }
}

TEST_CASE("frameworks are known by their packages, with the CUDA that they were built for") {
  const toolkit::support::TempDir root;
  root.write(kSite + "torch-2.4.0+cu121.dist-info/METADATA", "");
  root.write(kSite + "torch/version.py",
             "from typing import Optional\n\n__all__ = ['__version__', 'cuda']\n__version__ = "
             "'2.4.0+cu121'\n"
             "debug = False\ncuda: Optional[str] = '12.1'\ngit_version = 'd9'\nhip: Optional[str] "
             "= None\n");
  root.write(kSite + "tensorflow-2.11.0.dist-info/METADATA", "");
  root.write(kSite + "tensorflow/python/platform/build_info.py",
             "build_info = collections.OrderedDict([('cuda_version', '0')])\n{'cpu_compiler': 'x', "
             "'cuda_version': "
             "'11.2', 'cudnn_version': '8'}\n");
  root.write("opt/venv/lib/python3.12/site-packages/jax_cuda12_plugin-0.4.30.dist-info/METADATA",
             "");
  const ImageFacts image = look(root, {{"PATH", "/usr/bin:/opt/venv/bin"}});
  REQUIRE(image.frameworks.size() == 3);
  CHECK(image.frameworks[0].name == "jax");
  CHECK(image.frameworks[0].cuda == "12");
  CHECK(image.frameworks[1].name == "tensorflow");
  CHECK(image.frameworks[1].cuda == "11.2");
  CHECK(image.frameworks[2].name == "torch");
  CHECK(image.frameworks[2].version == "2.4.0+cu121");
  CHECK(image.frameworks[2].cuda == "12.1");
}

TEST_CASE("PyTorch built without CUDA has none") {
  const toolkit::support::TempDir root;
  root.write(kSite + "torch-2.4.0.dist-info/METADATA", "");
  root.write(kSite + "torch/version.py",
             "__version__ = '2.4.0+cpu'\ncuda: Optional[str] = None\nhip = None\ngit = 'a'\n");
  CHECK(look(root).frameworks[0].cuda == "");
}

TEST_CASE("GPU code is read from the framework's libraries, then from NVIDIA's, each file once") {
  const toolkit::support::TempDir root;
  root.write(kSite + "torch-2.4.0+cu121.dist-info/METADATA", "");
  root.write(kSite + "torch/version.py",
             "__version__ = '2.4.0+cu121'\ncuda: Optional[str] = '12.1'\n");
  root.write(kSite + "torch/lib/libtorch_cuda.so",
             with_code(fake::linked_with(
                           {"libcudart.so.12", "libcupti.so.12", "libcuda.so.1", "libc.so.6"}),
                       {{2, 50}, {2, 80}, {2, 90}, fake::ptx(90, "90", 8, 1)}));
  root.write(kSite + "nvidia/nccl/lib/libnccl.so.2", with_code({}, {{2, 80}, {2, 90}}));
  root.write(kSite + "nvidia/cuda_runtime/lib/libcudart.so.12", "x");
  root.write("usr/local/cuda-12.1/lib64/libcufft.so.11.0.2", with_code({}, {{2, 80}}));
  root.write("usr/local/cuda-12.1/lib64/libcublas.so.12",
             "INPUT(libcublas.so.12.1)" + std::string(20 << 10, ' '));
  REQUIRE(symlink("libcufft.so.11.0.2",
                  (root / "usr/local/cuda-12.1/lib64/libcufft.so.11").c_str()) == 0);
  REQUIRE(symlink("libnvrtc.so.12.1",
                  (root / "usr/local/cuda-12.1/lib64/libnvrtc.so.12").c_str()) == 0);
  REQUIRE(symlink("cuda-12.1", (root / "usr/local/cuda").c_str()) == 0);
  const ImageFacts image = look(root);
  REQUIRE(image.code.size() == 3);
  CHECK(image.code[0].part_of == "torch");
  CHECK(image.code[0].sass == std::vector<std::string>{"50", "80", "90"});
  CHECK(image.code[0].ptx == std::vector<std::string>{"90"});
  CHECK(image.code[0].newest_ptx == "8.1");
  CHECK(image.code[0].complete);
  CHECK(image.code[1].part_of == "nccl");
  CHECK(image.code[2].part_of == "cufft");
  CHECK(!image.code[2].complete);
  REQUIRE(image.not_scanned.size() == 1);
  CHECK(image.not_scanned[0].ends_with("libcublas.so.12: not an ELF file"));
  REQUIRE(library(image, "libcudart.so.12") != nullptr);
  CHECK(library(image, "libcudart.so.12")->found ==
        "/" + kSite + "nvidia/cuda_runtime/lib/libcudart.so.12");
  REQUIRE(library(image, "libcupti.so.12") != nullptr);
  CHECK(library(image, "libcupti.so.12")->found.empty());
  CHECK(library(image, "libcupti.so.12")->wanted_by == "torch");
  CHECK(library(image, "libcuda.so.1") == nullptr);
  CHECK(library(image, "libc.so.6") == nullptr);
  REQUIRE(library(image, "libnvrtc.so.12") != nullptr);
  CHECK(library(image, "libnvrtc.so.12")->dangling);
}

TEST_CASE("GPU code that there is no time to look for is named as not looked for") {
  const toolkit::support::TempDir root;
  root.write("usr/local/cuda-12.1/lib64/libcufft.so.11", with_code({}, {{2, 80}}));
  const ImageFacts image = look(root, {}, std::chrono::seconds(0));
  CHECK(image.code.empty());
  CHECK(image.not_scanned ==
        std::vector<std::string>{"/usr/local/cuda-12.1/lib64/libcufft.so.11: no time left"});
}

TEST_CASE("what TensorFlow opens by name is wanted in the version of its CUDA") {
  const toolkit::support::TempDir root;
  root.write(kSite + "tensorflow-2.3.0.dist-info/METADATA", "");
  root.write(kSite + "tensorflow/python/platform/build_info.py",
             "build_info = {'cuda_version': '10.1'}\n");
  root.write("usr/local/cuda-11.0/lib64/libcusolver.so.10", "x");
  root.write("usr/local/cuda-11.0/lib64/libcupti.so.11.0", "x");
  const ImageFacts image = look(root);
  CHECK(library(image, "libcusolver.so.10")->found ==
        "/usr/local/cuda-11.0/lib64/libcusolver.so.10");
  CHECK(library(image, "libcupti.so.10.1")->found.empty());
  CHECK(library(image, "libcupti.so.10.1")->near == "/usr/local/cuda-11.0/lib64/libcupti.so.11.0");
}

TEST_CASE("a forward-compatibility library is described by its note") {
  const toolkit::support::TempDir root;
  const std::string at = "usr/local/cuda-13.1/compat/";
  root.write(
      at + "libcuda.so.590.44.01",
      fake::elf({fake::compat_note(
          R"({"Format":1,"CUDA Version":"13.1","Driver":[535,550,580],"Device":[1,2,7]})")}));
  REQUIRE(symlink("libcuda.so.590.44.01", (root / (at + "libcuda.so.1")).c_str()) == 0);
  root.write("usr/local/cuda-11.8/compat/libcuda.so.520.61.05",
             fake::elf({{".text", 1, "x", 0, 1}}));
  root.write("usr/local/cuda-12.0/compat/libcuda.so.525.60.13",
             fake::elf({fake::compat_note("{3")}));
  const ImageFacts image = look(root);
  REQUIRE(image.compat.size() == 3);
  CHECK(image.compat[0].version == "520.61.05");
  CHECK(image.compat[0].trouble == "it has no note of what it is compatible with");
  CHECK(image.compat[1].trouble == "its note is not JSON");
  CHECK(image.compat[2].path == "/" + at + "libcuda.so.590.44.01");
  CHECK(image.compat[2].cuda == "13.1");
  CHECK(image.compat[2].driver_branches == std::vector<std::string>{"535", "550", "580"});
  CHECK(image.compat[2].devices == std::vector<std::string>{"1", "2", "7"});
}

TEST_CASE("the C library is told by its banner, or by musl's loader") {
  const toolkit::support::TempDir glibc, musl;
  const std::string rodata =
      std::string(5000, 'x') +
      "GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\nCopyright";
  glibc.write("lib/x86_64-linux-gnu/libc.so.6", fake::elf({{".rodata", 1, rodata, 0, 32}}));
  CHECK(look(glibc).libc == "glibc 2.36");
  musl.write("lib/ld-musl-x86_64.so.1", "");
  CHECK(look(musl).libc == "musl");
}
