#include <toolkit/base/unique_fd.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <tests/support/report.hpp>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

#include <array>
#include <exception>
#include <filesystem>
#include <fstream>

namespace toolkit::support {

namespace fs = std::filesystem;

TempDir::TempDir() {
  std::string pattern = (fs::temp_directory_path() / "toolkit-test-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TempDir::~TempDir() {
  // REQUIRE ends a test with an exception, before a listener has heard of the failure.
  if (current_test_failed() || std::uncaught_exceptions() > 0) {
    on_failure_print("left behind: " + path_);
    return;
  }
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TempDir::operator/(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

std::string TempDir::write(std::string_view name, std::string_view bytes, unsigned mode) const {
  const fs::path path = *this / name;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
  fs::permissions(path, static_cast<fs::perms>(mode));
  return path.string();
}

// Not a stream: that throws when a process ends while its /proc file is being read (ESRCH).
std::string read_file_or_empty(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string result;
  std::array<char, 65536> buffer;
  ssize_t count = 0;
  while (fd && (count = ::read(fd.get(), buffer.data(), buffer.size())) > 0) {
    result.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return result;
}

std::string read_file(const std::string& path) {
  INFO("reading ", path);
  REQUIRE(file_exists(path));
  return read_file_or_empty(path);
}

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

}  // namespace toolkit::support
