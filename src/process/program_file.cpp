#include "program_file.hpp"

#include <toolkit/base/text.hpp>

#include <elf.h>
#include <sys/stat.h>

namespace toolkit::process {
namespace {

bool has_slash(const std::string& program) { return program.find('/') != std::string::npos; }

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

}  // namespace

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::string file_in_question(const ChildOptions& options) {
  const std::string& program = options.argv.front();
  if (has_slash(program)) {
    const bool below = program.front() != '/' && !options.directory.empty();
    const std::string path = below ? options.directory + "/" + program : program;
    return exists(path) ? path : "";
  }
  for (const std::string_view directory : split(options.search_path, ':')) {
    const std::string path = std::string(directory.empty() ? "." : directory) + "/" + program;
    if (!program.empty() && exists(path) && !is_directory(path)) {
      return path;
    }
  }
  return {};
}

std::string interpreter_of(const std::string& head) {
  if (!head.starts_with("#!")) {
    return {};
  }
  const std::string line(trim(std::string_view(head).substr(2, head.find('\n') - 2)));
  return line.substr(0, line.find_first_of(" \t"));
}

// The numbers are those of elf(5).
std::string machine_of(const std::string& head) {
  constexpr std::size_t kMachine = 18;
  if (!head.starts_with("\x7f"
                        "ELF") ||
      head.size() < kMachine + 2) {
    return {};
  }
  switch (static_cast<unsigned char>(head[kMachine]) +
          256 * static_cast<unsigned char>(head[kMachine + 1])) {
    case EM_X86_64:
      return "x86-64";
    case EM_AARCH64:
      return "arm64";
    case EM_386:
      return "32-bit x86";
    case EM_PPC64:
      return "ppc64";
    default:
      return "another machine";
  }
}

}  // namespace toolkit::process
