#pragma once
// The captures of tests/fixtures/gpu with what must be said of them, expected.tsv.

#include <string>
#include <vector>

namespace toolkit::support {

struct GpuFixture {
  std::string name, path;
  std::string id, variant, owner;  // of the primary finding, "" for none
  int exit_code = 0;
  std::vector<std::string> options;
};

/// In the order of expected.tsv.
[[nodiscard]] std::vector<GpuFixture> gpu_fixtures();
/// Names of captures that have no line there.
[[nodiscard]] std::vector<std::string> unexpected_gpu_fixtures();

}  // namespace toolkit::support
