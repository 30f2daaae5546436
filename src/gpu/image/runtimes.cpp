// The CUDA runtimes that an image has or says it has.
#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/gpu/version.hpp>

#include <nlohmann/json.hpp>

namespace toolkit::gpu {
namespace {

class Runtimes {
 public:
  // A version that names no minor one ("12" of libcudart.so.12) says too little to stand for
  // itself.
  void add(std::string_view version, std::string source) {
    if (version_part(version, 1) >= 0) {
      found_.push_back({std::string(major_minor(version)), std::move(source)});
    }
  }
  [[nodiscard]] std::vector<CudaRuntime> take() { return std::move(found_); }

 private:
  std::vector<CudaRuntime> found_;
};

// {"cuda": {"name": "CUDA SDK", "version": "12.4.1"}, …}
std::string version_in(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto cuda = json.find("cuda");  // end() of what is no object
  if (cuda == json.end()) {
    return "";
  }
  const auto version = cuda->find("version");
  return version != cuda->end() && version->is_string() ? version->get<std::string>() : "";
}

// version.json since 11.1; before, "CUDA Version 10.1.243" in version.txt.
void ask_toolkit(const Places& places, const std::string& toolkit, Runtimes& runtimes) {
  constexpr std::size_t kLongest = 256 << 10;
  if (const auto text = read_file(places.real(toolkit + "/version.json"), kLongest); text) {
    runtimes.add(version_in(*text), toolkit + "/version.json");
  }
  constexpr std::string_view kWords = "CUDA Version ";
  if (const auto text = read_file(places.real(toolkit + "/version.txt"), kLongest);
      text && text->starts_with(kWords)) {
    runtimes.add(trim(std::string_view(*text).substr(kWords.size())), toolkit + "/version.txt");
  }
}

// The file with the whole version; links to it say less. Up to 10.2 the link's name had both parts,
// "libcudart.so.10.1", from 11 on "libcudart.so.11.0" stands for all of 11.
void ask_libraries(const Places& places, const std::string& directory, Runtimes& runtimes) {
  for (const std::string& name : places.names(directory)) {
    const std::string_view version = library_version(name);
    if (library_name(name) == "libcudart" && version_part(version, 2) >= 0) {
      runtimes.add(version, directory + "/" + name);
    }
  }
}

// "nvidia_cuda_runtime_cu12-12.4.127.dist-info", "nvidia_cuda_runtime-13.0.96.dist-info"
void ask_packages(const Places& places, const std::string& packages, Runtimes& runtimes) {
  for (const std::string& name : places.names(packages)) {
    if (name.starts_with("nvidia_cuda_runtime") && name.ends_with(".dist-info")) {
      runtimes.add(std::string_view(name).substr(name.find('-') + 1), packages + "/" + name);
    }
  }
}

}  // namespace

std::vector<CudaRuntime> find_runtimes(const CollectOptions& options, const Places& places) {
  Runtimes runtimes;
  if (const auto version = options.variables ? options.variables("CUDA_VERSION") : std::nullopt;
      version) {
    runtimes.add(*version, "CUDA_VERSION");
  }
  for (const std::string& toolkit : places.toolkits) {
    ask_toolkit(places, toolkit, runtimes);
  }
  for (const std::string& directory : places.libraries) {
    ask_libraries(places, directory, runtimes);
  }
  for (const std::string& packages : places.packages) {
    ask_packages(places, packages, runtimes);
  }
  return runtimes.take();
}

}  // namespace toolkit::gpu
