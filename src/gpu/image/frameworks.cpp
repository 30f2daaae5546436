// Frameworks by what their packages leave in site-packages: no Python is run.
#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <array>
#include <optional>

namespace toolkit::gpu {
namespace {

constexpr std::size_t kLongestSource = 256 << 10;

// A package's directory of metadata, and the framework it stands for. `cuda` is in its name where a
// framework has a package a CUDA.
struct Package {
  std::string_view prefix, framework, cuda, directory;
};
constexpr std::array kPackages{Package{"torch-", "torch", "", "torch"},
                               Package{"tensorflow-", "tensorflow", "", "tensorflow"},
                               Package{"jax_cuda12_plugin-", "jax", "12", "jax_plugins"},
                               Package{"jax_cuda13_plugin-", "jax", "13", "jax_plugins"},
                               Package{"cupy_cuda11x-", "cupy", "11", "cupy"},
                               Package{"cupy_cuda12x-", "cupy", "12", "cupy"},
                               Package{"cupy_cuda13x-", "cupy", "13", "cupy"},
                               Package{"onnxruntime_gpu-", "onnxruntime", "", "onnxruntime"},
                               Package{"flash_attn-", "flash_attn", "", ""},
                               Package{"vllm-", "vllm", "", "vllm"},
                               Package{"xformers-", "xformers", "", "xformers"}};

// The first text in quotes behind `name`, as in "cuda: Optional[str] = '12.1'" and
// "'cuda_version': '11.2'".
std::string quoted_after(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) {
    return "";
  }
  std::string_view line = text.substr(at + name.size());
  line = line.substr(0, line.find_first_of("\n,"));
  const std::size_t open = line.find_first_of("'\"");
  if (open == std::string_view::npos) {
    return "";
  }
  line.remove_prefix(open + 1);
  return std::string(line.substr(0, line.find_first_of("'\"")));
}

std::string source_of(const Places& places, const std::string& path) {
  auto text = read_file(places.real(path), kLongestSource);
  return text ? *std::move(text) : "";
}

// torch/version.py: "__version__ = '2.4.0+cu121'", "cuda: Optional[str] = '12.1'".
void ask_torch(const Places& places, Framework& framework) {
  const std::string text = source_of(places, framework.path + "/version.py");
  if (const std::string version = quoted_after(text, "__version__ ="); !version.empty()) {
    framework.version = version;
  }
  const std::string annotated = quoted_after(text, "\ncuda: Optional[str] =");
  framework.cuda = annotated.empty() ? quoted_after(text, "\ncuda =") : annotated;
}

// tensorflow/python/platform/build_info.py: a dictionary with cuda_version.
void ask_tensorflow(const Places& places, Framework& framework) {
  const std::string text = source_of(places, framework.path + "/python/platform/build_info.py");
  framework.cuda = quoted_after(text, "cuda_version\":");
  if (framework.cuda.empty()) {
    framework.cuda = quoted_after(text, "cuda_version':");
  }
}

// "torch-2.4.0+cu121.dist-info" has the version before the last dash or the ending.
std::optional<Framework> framework_of(const std::string& packages, std::string_view name) {
  constexpr std::string_view kEnding = ".dist-info";
  if (!name.ends_with(kEnding)) {
    return std::nullopt;
  }
  for (const Package& package : kPackages) {
    if (name.starts_with(package.prefix)) {
      const std::string_view version =
          name.substr(package.prefix.size(), name.size() - package.prefix.size() - kEnding.size());
      return Framework{
          std::string(package.framework), std::string(version), std::string(package.cuda),
          package.directory.empty() ? packages : packages + "/" + std::string(package.directory)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Framework> find_frameworks(const Places& places) {
  std::vector<Framework> frameworks;
  for (const std::string& packages : places.packages) {
    for (const std::string& name : places.names(packages)) {
      std::optional<Framework> framework = framework_of(packages, name);
      if (!framework) {
        continue;
      }
      if (framework->name == "torch") {
        ask_torch(places, *framework);
      } else if (framework->name == "tensorflow") {
        ask_tensorflow(places, *framework);
      }
      frameworks.push_back(*std::move(framework));
    }
  }
  return frameworks;
}

}  // namespace toolkit::gpu
