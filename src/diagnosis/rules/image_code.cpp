// The GPU code inside of the image's libraries against the GPUs, and the libraries themselves.
#include "gpus.hpp"
#include "image_judges.hpp"
#include "image_view.hpp"

#include <toolkit/gpu/version.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <tuple>

namespace toolkit::diagnosis {
namespace {

using gpu::compare_versions;
using gpu::version_part;

// From best to worst.
enum class Fit { native, jit, unsure, jit_too_new, none };

// "90a": 9.0, for this one only.
struct Target {
  int major = 0, minor = 0;
  char variant = ' ';
};

Target target_of(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  const char last = text.empty() ? ' ' : text.back();
  return {number / 10, number % 10, last == 'a' || last == 'f' ? last : ' '};
}

struct Gpu {
  Target target;
  bool tegra = false;
  std::string driver_cuda;  // "" unseen
};

bool is_same(const Target& one, const Target& other) {
  return one.major == other.major && one.minor == other.minor;
}

bool is_tegra(const gpu::Tables& tables, const Target& target) {
  const auto* row = tables.architecture(fmt::format("{}.{}", target.major, target.minor));
  return row != nullptr && row->tegra;
}

// SASS runs on its own major version from its minor one on; on a system on a chip only its own
// does.
Fit fit_of_sass(const gpu::GpuCode& code, const Target& made, const Gpu& gpu,
                const gpu::Tables& tables) {
  if (is_same(made, gpu.target)) {
    return Fit::native;
  }
  const bool runs = made.major == gpu.target.major && made.minor < gpu.target.minor &&
                    made.variant != 'a' && !gpu.tegra && !is_tegra(tables, made);
  return !runs                                                            ? Fit::none
         : code.variants_unseen && made.variant == ' ' && made.major >= 9 ? Fit::unsure
                                                                          : Fit::native;
}

// PTX runs on what is not older than it; its variants on their own, or in their family.
bool ptx_reaches(const Target& made, const Target& gpu) {
  if (made.variant == ' ') {
    return made.major < gpu.major || (made.major == gpu.major && made.minor <= gpu.minor);
  }
  return made.major == gpu.major &&
         (made.variant == 'a' ? made.minor == gpu.minor : made.minor <= gpu.minor);
}

Fit fit_of_ptx(const gpu::GpuCode& code, const Target& made, const Gpu& gpu,
               const gpu::Tables& tables) {
  if (!ptx_reaches(made, gpu.target)) {
    return Fit::none;
  }
  if (code.variants_unseen && made.variant == ' ' && made.major >= 9 &&
      !is_same(made, gpu.target)) {
    return Fit::unsure;
  }
  const gpu::PtxRow* isa = tables.of_ptx(code.newest_ptx);
  const bool too_new = isa != nullptr && !gpu.driver_cuda.empty() &&
                       compare_versions(gpu.driver_cuda, isa->cuda) < 0;
  return too_new ? Fit::jit_too_new : Fit::jit;
}

Fit fit_of(const gpu::GpuCode& code, const Gpu& gpu, const gpu::Tables& tables) {
  Fit best = Fit::none;
  for (const std::string& text : code.sass) {
    best = std::min(best, fit_of_sass(code, target_of(text), gpu, tables));
  }
  for (const std::string& text : code.ptx) {
    best = std::min(best, fit_of_ptx(code, target_of(text), gpu, tables));
  }
  return best != Fit::native && !code.complete ? Fit::unsure : best;  // it may have better
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// "libnccl" of two libnccl.so.2 in two places: a program takes one of them.
std::string group_of(const std::string& path) {
  const std::string name = file_name(path);
  return name.substr(0, name.find(".so"));
}

struct Judged {
  const gpu::GpuCode* code = nullptr;
  Fit fit = Fit::none;
};

std::map<std::string, Judged> judge_groups(const Question& question, const Gpu& gpu) {
  std::map<std::string, Judged> groups;
  for (const gpu::GpuCode& code : question.facts.image.code) {
    const Fit fit = fit_of(code, gpu, tables_of(question));
    Judged& group = groups[group_of(code.path)];
    if (group.code == nullptr || fit < group.fit) {
      group = {&code, fit};
    }
  }
  // "/site/torch/lib/libtorch_cuda.so: no time left": that copy may be the one that fits.
  for (const std::string& unseen : question.facts.image.not_scanned) {
    const auto it = groups.find(group_of(unseen.substr(0, unseen.find(": "))));
    if (it != groups.end() && it->second.fit != Fit::native) {
      it->second.fit = Fit::unsure;
    }
  }
  return groups;
}

// Without these nothing runs; others a job may never call.
bool is_core(const gpu::GpuCode& code) {
  constexpr std::array<std::string_view, 5> kCore{"torch", "tensorflow", "jax", "nccl", "cublas"};
  return std::ranges::find(kCore, code.part_of) != kCore.end();
}

std::string list(const char* prefix, std::vector<std::string> targets) {
  std::ranges::sort(targets, {}, [](const std::string& text) {
    const Target target = target_of(text);
    return std::tuple(target.major, target.minor, target.variant);
  });
  std::string text;
  for (const std::string& target : targets) {
    text += (text.empty() ? "" : " ") + (prefix + target);
  }
  return text;
}

std::string contents(const gpu::GpuCode& code) {
  const std::string sass = code.sass.empty() ? "no SASS" : list("sm_", code.sass);
  return fmt::format("{}, {}", sass,
                     code.ptx.empty() ? "no PTX" : "PTX " + list("compute_", code.ptx));
}

std::string evidence_of(const gpu::GpuCode& code) {
  return fmt::format("{}: {}", code.path, contents(code));
}

std::string newer_build(const Question& question, const gpu::GpuCode& code, const GpuView& gpu) {
  const gpu::ArchitectureRow* row = tables_of(question).architecture(gpu.capability);
  const std::string cuda = row == nullptr ? "" : row->first_cuda;
  const bool too_old =
      !cuda.empty() && compare_versions(image_cuda(question.facts).version, cuda) < 0;
  if (too_old) {
    std::string digits = cuda;
    std::erase(digits, '.');
    return fmt::format(
        "install a build of {} for CUDA {} or newer{}", code.part_of, cuda,
        code.part_of == "torch" ? " (wheels of PyTorch's index cu" + digits + " or later)" : "");
  }
  return fmt::format("install a build of {} that has code for compute capability {}", code.part_of,
                     gpu.capability);
}

Finding no_code(const Question& question, const gpu::GpuCode& code, const GpuView& gpu, bool core) {
  std::string cause = fmt::format(
      "{} has {}; none of it runs on compute capability {}: \"no kernel image is available\"",
      file_name(code.path), contents(code), gpu.capability);
  std::string remedy = newer_build(question, code, gpu);
  std::vector<std::string> evidence{evidence_of(code)};
  return core ? as("no_code",
                   fail(Owner::image, std::move(cause), std::move(remedy), std::move(evidence)))
              : as("no_code_aside",
                   warn(Owner::image, std::move(cause), std::move(remedy), std::move(evidence)));
}

Finding too_new(const Question& question, const gpu::GpuCode& code, const GpuView& gpu) {
  return as("ptx_too_new",
            fail(Owner::image,
                 fmt::format(
                     "{} has only PTX for compute capability {}, in PTX {}, which a driver of "
                     "CUDA {} refuses (222)",
                     file_name(code.path), gpu.capability, code.newest_ptx, driver_cuda(question)),
                 fmt::format("update the node's driver, or {}", newer_build(question, code, gpu)),
                 {evidence_of(code)}));
}

Finding only_jit(const Question& question, const gpu::GpuCode& code, const GpuView& gpu) {
  return as(
      "jit",
      warn(Owner::image,
           fmt::format("{} has no code for compute capability {}: the driver makes it from PTX at "
                       "the first start, which "
                       "takes minutes, and again where ~/.nv/ComputeCache is not kept",
                       file_name(code.path), gpu.capability),
           newer_build(question, code, gpu), {evidence_of(code)}));
}

const gpu::GpuCode* worst(const std::map<std::string, Judged>& groups, Fit fit, bool core) {
  for (const auto& [name, judged] : groups) {
    if (judged.fit == fit && is_core(*judged.code) == core) {
      return judged.code;
    }
  }
  return nullptr;
}

// Of what time has cut off; what cannot be read is not read by taking longer.
std::string how_to_see(std::string_view why) {
  const bool cut_off = why.ends_with("no time left") || why.ends_with("cut short");
  return cut_off ? "; `--scan 30s` takes the time" : "";
}

Finding not_all_scanned(const gpu::ImageFacts& image) {
  const std::string& first = image.not_scanned.front();
  return unknown(
      fmt::format("{} of {} libraries with GPU code were not looked into, the first {}{}",
                  image.not_scanned.size(), image.not_scanned.size() + image.code.size(),
                  file_name(first), how_to_see(image.not_scanned.back())),
      image.not_scanned);
}

Finding unsure(const gpu::GpuCode& code, const GpuView& gpu) {
  return unknown(code.trouble.empty()
                     ? fmt::format("{} has code that may be for one GPU only "
                                   "(\"a\"): whether it runs on {} cannot be told",
                                   file_name(code.path), gpu.capability)
                     : fmt::format("not all of {} could be looked at: {}{}", file_name(code.path),
                                   code.trouble, how_to_see(code.trouble)),
                 {evidence_of(code)});
}

Finding judge_code_for(const Question& question, const GpuView& gpu) {
  const auto& image = question.facts.image;
  if (gpu.capability.empty()) {
    return unknown("its compute capability was not seen");
  }
  Target target{version_part(gpu.capability, 0), version_part(gpu.capability, 1), ' '};
  const auto groups = judge_groups(
      question, {target, is_tegra(tables_of(question), target), driver_cuda(question)});
  if (const gpu::GpuCode* code = worst(groups, Fit::none, true); code != nullptr) {
    return no_code(question, *code, gpu, true);
  }
  if (const gpu::GpuCode* code = worst(groups, Fit::jit_too_new, true); code != nullptr) {
    return too_new(question, *code, gpu);
  }
  if (const gpu::GpuCode* code = worst(groups, Fit::none, false); code != nullptr) {
    return no_code(question, *code, gpu, false);
  }
  if (const gpu::GpuCode* code = worst(groups, Fit::jit, true); code != nullptr) {
    return only_jit(question, *code, gpu);
  }
  if (const gpu::GpuCode* code = worst(groups, Fit::unsure, true); code != nullptr) {
    return unsure(*code, gpu);
  }
  if (!image.not_scanned.empty()) {
    return not_all_scanned(image);
  }
  return pass(fmt::format("{} libraries have code for compute capability {}", groups.size(),
                          gpu.capability));
}

// --- cuda.libs

Finding missing(const gpu::ExpectedLibrary& library) {
  const std::string directory = library.near.substr(0, library.near.rfind('/'));
  return library.near.empty()
             ? as("missing",
                  warn(Owner::image,
                       fmt::format("{} wants {}, which is nowhere that we know the loader to look",
                                   library.wanted_by, library.soname),
                       fmt::format("install the package that brings {}, or name its directory in "
                                   "LD_LIBRARY_PATH",
                                   library.soname)))
             : as("wrong_version",
                  warn(Owner::image,
                       fmt::format("{} wants {}, and the image has {}", library.wanted_by,
                                   library.soname, file_name(library.near)),
                       fmt::format(
                           "install the CUDA that {} was built for; where only the number differs, "
                           "`ln -s {} {}/{}`",
                           library.wanted_by, file_name(library.near), directory, library.soname),
                       {library.near}));
}

Finding dangling(const gpu::ExpectedLibrary& library) {
  return as("dangling",
            warn(Owner::image, fmt::format("{} is a link to nothing", library.found),
                 "reinstall the package that it belongs to, or remove the link", {library.found}));
}

}  // namespace

std::vector<Finding> judge_gpu_code(const Question& question) {
  const auto& image = question.facts.image;
  const std::vector<GpuView> gpus = gpus_of(question.facts);
  if (image.code.empty()) {
    if (image.not_scanned.empty()) {
      return gpus.empty() ? std::vector<Finding>{}
                          : std::vector{skip("no library with GPU code was found in this image")};
    }
    return {not_all_scanned(image)};
  }
  if (gpus.empty()) {
    return {
        unknown("no GPU was seen to hold the image's code against", {evidence_of(image.code[0])})};
  }
  std::vector<Finding> findings;
  for (const GpuView& gpu : gpus) {
    findings.push_back(judge_code_for(question, gpu));
    findings.back().scope = gpu.scope;
  }
  return findings;
}

std::vector<Finding> judge_cuda_libraries(const Question& question) {
  const auto& libraries = question.facts.image.libraries;
  if (libraries.empty()) {
    return {};
  }
  std::vector<Finding> findings;
  for (const gpu::ExpectedLibrary& library : libraries) {
    if (library.dangling) {
      findings.push_back(dangling(library));
    } else if (library.found.empty()) {
      findings.push_back(missing(library));
    }
  }
  if (findings.empty()) {
    return {
        pass(fmt::format("all {} libraries that the frameworks want are there", libraries.size()))};
  }
  return findings;
}

}  // namespace toolkit::diagnosis
