#include "image_view.hpp"

#include "gpus.hpp"

#include <toolkit/gpu/version.hpp>

#include <algorithm>

namespace toolkit::diagnosis {
namespace {

// 12040 to "12.4".
std::string cuda_text(int number) {
  return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

void take_newer(ImageCuda& best, const std::string& version, const std::string& source) {
  if (gpu::version_part(version, 1) >= 0 && gpu::compare_versions(version, best.version) > 0) {
    best = {std::string(gpu::major_minor(version)), source};
  }
}

}  // namespace

std::vector<GpuView> gpus_of(const gpu::Facts& facts) {
  std::vector<GpuView> gpus;
  for (const gpu::NvmlGpu& one : facts.probes.nvml.gpus) {
    gpus.push_back({scope_of(one), one.name, one.compute_capability});
  }
  if (gpus.empty()) {
    for (const gpu::CudaGpu& one : facts.probes.cuda.gpus) {
      gpus.push_back({one.address, one.name, one.compute_capability});
    }
  }
  return gpus;
}

std::string driver_version(const gpu::Facts& facts) {
  for (const std::string* version :
       {&facts.driver.ioctl_version, &facts.driver.sysfs_version, &facts.driver.proc_version,
        &facts.probes.nvml.driver_version}) {
    if (!version->empty()) {
      return *version;
    }
  }
  return "";
}

std::string driver_cuda(const Question& question) {
  const gpu::ProbeFacts& probes = question.facts.probes;
  for (const std::optional<int>& number : {probes.nvml.cuda_version, probes.cuda.driver_version}) {
    if (number && *number >= 1000) {
      return cuda_text(*number);
    }
  }
  return std::string(tables_of(question).cuda_of_driver(driver_version(question.facts)));
}

ImageCuda image_cuda(const gpu::Facts& facts) {
  ImageCuda best;
  for (const gpu::Framework& framework : facts.image.frameworks) {
    take_newer(best, framework.cuda, framework.name + " " + framework.version);
  }
  if (!best.version.empty()) {
    return best;
  }
  for (const gpu::CudaRuntime& runtime : facts.image.runtimes) {
    if (runtime.source == "CUDA_VERSION") {
      take_newer(best, runtime.version, runtime.source);
      return best;
    }
  }
  for (const gpu::CudaRuntime& runtime : facts.image.runtimes) {
    take_newer(best, runtime.version, runtime.source);
  }
  return best;
}

const gpu::CompatLibrary* compat_in_use(const gpu::Facts& facts) {
  for (const gpu::DriverLibrary& library : facts.driver.libraries) {
    if (library.name == "libcuda" && library.wins && library.compat) {
      const auto it =
          std::ranges::find(facts.image.compat, library.version, &gpu::CompatLibrary::version);
      return it == facts.image.compat.end() ? nullptr : &*it;
    }
  }
  return nullptr;
}

bool compat_allows(const gpu::CompatLibrary& library, std::string_view driver) {
  const std::string branch(driver.substr(0, driver.find('.')));
  return library.driver_branches.empty() ||
         std::ranges::find(library.driver_branches, branch) != library.driver_branches.end();
}

const gpu::Tables& tables_of(const Question& question) {
  return question.expect.tables != nullptr ? *question.expect.tables : gpu::built_in_tables();
}

}  // namespace toolkit::diagnosis
