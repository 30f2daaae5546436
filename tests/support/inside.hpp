#pragma once
// A test case again, as a program in namespaces of its own: threads and inotify instances that
// exist already would stay in the old ones.

#include <doctest/doctest.h>
#include <tests/support/process.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace toolkit::support {

/// True in there. Else runs this case behind `prefix` ("unshare", "--mount") and checks its end.
inline bool is_inside(const std::string& name, std::vector<std::string> prefix) {
  constexpr const char* kInside = "TEST_CASE_IS_INSIDE";
  if (std::getenv(kInside) != nullptr) {
    return true;
  }
  LaunchOptions options;
  options.env[kInside] = "1";
  const Outcome outcome = run_program(
      std::move(prefix) +
          std::vector<std::string>{std::filesystem::read_symlink("/proc/self/exe"), "-tc=" + name},
      options);
  INFO(outcome.out << outcome.err);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out.find(" 1 passed") != std::string::npos);
  return false;
}

}  // namespace toolkit::support
