// The image's CUDA against the driver and the GPUs, by the tables.
#include "gpus.hpp"
#include "image_judges.hpp"
#include "image_view.hpp"

#include <toolkit/gpu/version.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::diagnosis {
namespace {

using gpu::compare_versions;
using gpu::version_part;

// What a judgement of CUDA against a driver stands on.
struct Pair {
  ImageCuda cuda;
  std::string driver, driver_knows;
  const gpu::CudaRow* own = nullptr;
  const gpu::FamilyRow* family = nullptr;
};

Pair pair_of(const Question& question) {
  Pair pair;
  pair.cuda = image_cuda(question.facts);
  pair.driver = driver_version(question.facts);
  pair.driver_knows = driver_cuda(question);
  pair.own = tables_of(question).of_cuda(pair.cuda.version);
  pair.family = tables_of(question).family_of(pair.cuda.version);
  return pair;
}

std::vector<std::string> evidence_of(const Pair& pair) {
  std::vector<std::string> evidence{fmt::format("CUDA {}: {}", pair.cuda.version, pair.cuda.source),
                                    "driver " + pair.driver};
  if (pair.own != nullptr) {
    evidence.push_back(
        fmt::format("CUDA {} came with driver {}", pair.own->cuda, pair.own->driver));
  }
  if (pair.family != nullptr) {
    evidence.push_back(
        fmt::format("CUDA {}.x needs driver {} at least", pair.family->major, pair.family->driver));
  }
  return evidence;
}

bool is_new_enough(const Pair& pair) {
  return (pair.own != nullptr && compare_versions(pair.driver, pair.own->driver) >= 0) ||
         (pair.own == nullptr && compare_versions(pair.driver_knows, pair.cuda.version) >= 0);
}

bool is_in_family(const Pair& pair) {
  return pair.family != nullptr && compare_versions(pair.driver, pair.family->driver) >= 0;
}

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// The driver is too old for this CUDA, but a library that would help lies there unused.
const gpu::CompatLibrary* unused_help(const Question& question, const Pair& pair) {
  for (const gpu::CompatLibrary& library : question.facts.image.compat) {
    if (!library.driver_branches.empty() && compat_allows(library, pair.driver) &&
        compare_versions(library.cuda, pair.cuda.version) >= 0) {
      return &library;
    }
  }
  return nullptr;
}

Finding too_old(const Question& question, const Pair& pair) {
  const std::string needed = pair.family != nullptr ? pair.family->driver : pair.own->driver;
  std::string cause = fmt::format("driver {} is too old for CUDA {}: it needs {} or newer",
                                  pair.driver, pair.cuda.version, needed);
  std::vector<std::string> evidence = evidence_of(pair);
  if (const gpu::CompatLibrary* help = unused_help(question, pair); help != nullptr) {
    evidence.push_back(
        fmt::format("{} allows drivers of branch {}", help->path, version_part(pair.driver, 0)));
    return as("compat_not_used",
              fail(Owner::runtime, cause + ", and the forward-compatibility library is not in use",
                   fmt::format(
                       "put {} first in LD_LIBRARY_PATH, or let nvidia-container-toolkit 1.17.5 or "
                       "newer do it (its CDI hook enable-cuda-compat)",
                       directory_of(help->path)),
                   std::move(evidence)));
  }
  return as(
      "driver_too_old",
      fail(Owner::node, std::move(cause),
           fmt::format("update the node's driver to {} or newer, or use an image with CUDA {}",
                       needed,
                       pair.driver_knows.empty() ? "that this driver knows"
                                                 : pair.driver_knows + " or older"),
           std::move(evidence)));
}

Finding minor_mode(const Pair& pair) {
  return as(
      "minor_version_mode",
      warn(Owner::node,
           fmt::format(
               "driver {} is older than the one CUDA {} came with: it runs in minor-version mode, "
               "where PTX of this toolkit is refused (222) and newer features are off",
               pair.driver, pair.cuda.version),
           fmt::format("update the node's driver to {} or newer when something is refused",
                       pair.own->driver),
           evidence_of(pair)));
}

Finding by_compat(const gpu::CompatLibrary& library, const Pair& pair) {
  std::vector<std::string> evidence = evidence_of(pair);
  evidence.push_back("libcuda: " + library.path);
  if (library.cuda.empty()) {
    return unknown("a forward-compatibility library is in use that does not say its CUDA",
                   std::move(evidence));
  }
  if (compare_versions(library.cuda, pair.cuda.version) < 0) {
    return as(
        "compat_too_old",
        fail(Owner::image,
             fmt::format(
                 "the forward-compatibility library in use is of CUDA {}, but the image needs {}",
                 library.cuda, pair.cuda.version),
             fmt::format("install the package cuda-compat of CUDA {}", pair.cuda.version),
             std::move(evidence)));
  }
  return pass(fmt::format("CUDA {} runs on driver {} by forward compatibility", pair.cuda.version,
                          pair.driver),
              std::move(evidence));
}

// --- cuda.compat

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

std::vector<std::string> evidence_of(const gpu::CompatLibrary& library, const std::string& driver) {
  std::vector<std::string> evidence{library.path, "driver " + driver};
  if (!library.cuda.empty()) {
    evidence.push_back(fmt::format("its note: CUDA {}, drivers {}", library.cuda,
                                   joined(library.driver_branches)));
  } else if (!library.trouble.empty()) {
    evidence.push_back(library.trouble);
  }
  return evidence;
}

Finding judge_in_use(const Question& question, const gpu::CompatLibrary& library,
                     const std::string& driver) {
  const std::string remedy = fmt::format(
      "take {} out of LD_LIBRARY_PATH and ld.so.conf.d, so that the host's libcuda is used",
      directory_of(library.path));
  if (question.facts.probes.cuda.init_error == 804) {
    return as(
        "unsupported_gpu",
        fail(Owner::image,
             "forward compatibility does not exist for this GPU (CUDA says 804): only data-centre, "
             "NGC-ready and Jetson GPUs have it",
             remedy, evidence_of(library, driver)));
  }
  if (!compat_allows(library, driver)) {
    return as(
        "unsupported_driver",
        fail(Owner::image,
             fmt::format("the forward-compatibility library is for drivers {}, the host has {}",
                         joined(library.driver_branches), driver),
             remedy, evidence_of(library, driver)));
  }
  if (compare_versions(library.version, driver) < 0) {
    return as(
        "older_than_driver",
        fail(Owner::image,
             fmt::format(
                 "the forward-compatibility library {} is older than the driver {} and hides it",
                 library.version, driver),
             remedy, evidence_of(library, driver)));
  }
  return pass("the forward-compatibility library is in use and made for this driver branch",
              evidence_of(library, driver));
}

// --- cuda.arch

bool is_past(const std::string& last, const std::string& cuda) {
  return !last.empty() && (last.ends_with(".x") ? version_part(cuda, 0) > version_part(last, 0)
                                                : compare_versions(cuda, last) > 0);
}

Finding driver_dropped_it(const gpu::ArchitectureRow& row, const std::string& driver) {
  return as(
      "driver_too_new",
      fail(Owner::node,
           fmt::format("driver {} no longer supports {} (compute capability {}): R{} was the last",
                       driver, row.name, row.capability, row.last_branch),
           fmt::format("install a driver of branch R{} on the node", row.last_branch)));
}

Finding driver_before_it(const gpu::ArchitectureRow& row, const std::string& driver,
                         const std::string& first) {
  return as("driver_too_old",
            fail(Owner::node,
                 fmt::format("driver {} is older than {} (compute capability {}): CUDA {}, "
                             "the first for it, came with {}",
                             driver, row.name, row.capability, row.first_cuda, first),
                 fmt::format("update the node's driver to {} or newer", first)));
}

Finding cuda_dropped_it(const gpu::ArchitectureRow& row, const std::string& cuda) {
  return as(
      "cuda_too_new",
      fail(Owner::image,
           fmt::format(
               "CUDA {} no longer supports {} (compute capability {}): CUDA {}{} was the last",
               cuda, row.name, row.capability, row.last_cuda,
               row.last_branch.empty() ? "" : ", on drivers up to R" + row.last_branch),
           fmt::format("use an image with CUDA {} or older", row.last_cuda)));
}

Finding cuda_before_it(const gpu::ArchitectureRow& row, const std::string& cuda) {
  return as("cuda_too_old",
            warn(Owner::image,
                 fmt::format("CUDA {} is older than {} (compute capability {}): its "
                             "libraries have no code for it and run, "
                             "if at all, by what the driver makes of their PTX",
                             cuda, row.name, row.capability),
                 fmt::format("use an image with CUDA {} or newer", row.first_cuda)));
}

Finding judge_one(const Question& question, const GpuView& gpu) {
  const gpu::Tables& tables = tables_of(question);
  const std::string driver = driver_version(question.facts);
  const std::string cuda = image_cuda(question.facts).version;
  const gpu::ArchitectureRow* row = tables.architecture(gpu.capability);
  if (gpu.capability.empty()) {
    return unknown("its compute capability was not seen");
  }
  if (row == nullptr) {
    return unknown(
        fmt::format("compute capability {} is not in the tables of {}: --table FILE can add it",
                    gpu.capability, tables.version));
  }
  // Systems on a chip number their drivers in another way.
  if (!driver.empty() && !row->tegra) {
    const gpu::CudaRow* first = tables.of_cuda(row->first_cuda);
    if (!row->last_branch.empty() && version_part(driver, 0) > version_part(row->last_branch, 0)) {
      return driver_dropped_it(*row, driver);
    }
    if (first != nullptr && version_part(driver, 0) < version_part(first->driver, 0)) {
      return driver_before_it(*row, driver, first->driver);
    }
  }
  if (cuda.empty()) {
    return driver.empty() ? unknown("neither the driver's version nor a CUDA in the image was seen")
                          : pass(fmt::format("driver {} supports {} ({})", driver, row->name,
                                             row->capability));
  }
  if (is_past(row->last_cuda, cuda)) {
    return cuda_dropped_it(*row, cuda);
  }
  if (compare_versions(cuda, row->first_cuda) < 0) {
    return cuda_before_it(*row, cuda);
  }
  return pass(fmt::format("CUDA {} supports {} ({})", cuda, row->name, row->capability));
}

}  // namespace

std::vector<Finding> judge_cuda_runtime(const Question& question) {
  if (gpus_of(question.facts).empty() && driver_version(question.facts).empty() &&
      image_cuda(question.facts).version.empty()) {
    return {};
  }
  const Pair pair = pair_of(question);
  if (pair.cuda.version.empty()) {
    return {skip("no CUDA runtime was found in this image")};
  }
  if (question.facts.place.runtime == "jetson") {
    return {skip("a Jetson's driver belongs to its system image and has other numbers")};
  }
  if (pair.driver.empty()) {
    return {unknown("the driver's version was not seen",
                    {fmt::format("CUDA {}: {}", pair.cuda.version, pair.cuda.source)})};
  }
  if (const gpu::CompatLibrary* library = compat_in_use(question.facts); library != nullptr) {
    return {by_compat(*library, pair)};
  }
  if (pair.own == nullptr && pair.family == nullptr) {
    return {unknown(fmt::format("CUDA {} is not in the tables of {}: --table FILE can add it",
                                pair.cuda.version, tables_of(question).version),
                    evidence_of(pair))};
  }
  if (is_new_enough(pair)) {
    return {pass(fmt::format("driver {} is new enough for CUDA {}", pair.driver, pair.cuda.version),
                 evidence_of(pair))};
  }
  if (!is_in_family(pair)) {
    return {too_old(question, pair)};
  }
  if (pair.own == nullptr) {
    return {unknown(
        fmt::format(
            "driver {} starts CUDA {}, but whether with all of it is not in the tables of {}",
            pair.driver, pair.cuda.version, tables_of(question).version),
        evidence_of(pair))};
  }
  return {minor_mode(pair)};
}

std::vector<Finding> judge_cuda_compat(const Question& question) {
  const std::string driver = driver_version(question.facts);
  const std::vector<gpu::CompatLibrary>& libraries = question.facts.image.compat;
  if (libraries.empty()) {
    return {};
  }
  if (driver.empty()) {
    return {unknown("the driver's version was not seen", {libraries[0].path})};
  }
  if (const gpu::CompatLibrary* used = compat_in_use(question.facts); used != nullptr) {
    return {judge_in_use(question, *used, driver)};
  }
  return {pass("a forward-compatibility library is there and not in use, nor needed",
               evidence_of(libraries[0], driver))};
}

std::vector<Finding> judge_cuda_architecture(const Question& question) {
  std::vector<Finding> findings;
  for (const GpuView& gpu : gpus_of(question.facts)) {
    Finding finding = judge_one(question, gpu);
    finding.scope = gpu.scope;
    finding.evidence = {fmt::format("{}: compute capability {}",
                                    gpu.name.empty() ? "GPU" : gpu.name,
                                    gpu.capability.empty() ? "unseen" : gpu.capability)};
    if (const ImageCuda cuda = image_cuda(question.facts); !cuda.version.empty()) {
      finding.evidence.push_back(fmt::format("CUDA {}: {}", cuda.version, cuda.source));
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace toolkit::diagnosis
