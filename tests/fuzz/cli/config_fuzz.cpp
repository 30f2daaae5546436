// Any bytes as a configuration file and as variables of the environment: options of `run` that are
// taken, or one error with words.
#include <src/cli/settings.hpp>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace toolkit;

namespace {

/// A file without a disk, by a path that can be opened.
class MemoryFile {
 public:
  MemoryFile() : fd_(::memfd_create("config", MFD_CLOEXEC)) {}
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  void fill(const std::uint8_t* data, std::size_t size) const {
    if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, data, size, 0) < 0) {
      std::abort();
    }
  }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

void read_with(const cli::Command& command, const cli::Words& words, char** environment) {
  const auto settings = cli::read_settings(command, words, environment);
  if (settings ? cli::show_settings(command, *settings).empty()
               : settings.error().message.empty()) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile file;
  file.fill(data, size);
  const cli::Command& command = cli::all_commands().front();
  cli::Words words;
  words.options = {"--config", file.path()};
  words.mentioned = {cli::find_option(nullptr, "config")};
  read_with(command, words, nullptr);

  std::string variable = "TOOLKIT_RUN_" + std::string(reinterpret_cast<const char*>(data), size);
  std::array<char*, 2> environment{variable.data(), nullptr};
  if (!variable.starts_with("TOOLKIT_RUN_CONFIG=")) {
    read_with(command, {}, environment.data());
  }
  return 0;
}
