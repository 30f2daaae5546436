#pragma once
// A made-up machine in a TempDir, with the driver's files where the test wants them.

#include "../../../support/temp_dir.hpp"

#include <toolkit/gpu/collect.hpp>

#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::support {

struct Tree {
  TempDir dir;
  std::map<std::string, std::string> variables;
  std::string mountinfo =
      "1 0 0:1 / / rw - overlay overlay rw\n2 1 0:2 / /proc rw - proc proc rw\n";

  Tree() {
    file("/lib64/ld-linux-x86-64.so.2", "fake"), file("/lib/ld-linux-aarch64.so.1", "fake");
  }

  void file(std::string_view path, std::string_view bytes) const {
    dir.write(path.substr(1), bytes);
  }
  void link(std::string_view path, const std::string& target) const {
    const std::filesystem::path real(dir.path() + std::string(path));
    std::filesystem::create_directories(real.parent_path());
    std::filesystem::create_symlink(target, real);
  }
  /// A library and the link that programs ask for.
  void library(const std::string& directory, const std::string& name, const std::string& version,
               std::string_view bytes = "fake") const {
    const std::string real = name + ".so." + version;
    file(directory + "/" + real, bytes);
    link(directory + "/" + name + ".so.1", real);
  }
  void mount(const std::string& line) { mountinfo += line + "\n"; }

  [[nodiscard]] gpu::CollectOptions options() const {
    gpu::CollectOptions options;
    options.root = dir.path();
    file("/proc/self/mountinfo", mountinfo);
    options.variables = [this](std::string_view name) -> std::optional<std::string_view> {
      const auto it = variables.find(std::string(name));
      return it == variables.end() ? std::nullopt : std::optional<std::string_view>(it->second);
    };
    return options;
  }
};

}  // namespace toolkit::support
