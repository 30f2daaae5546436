#pragma once
// What NVIDIA publishes about its versions, as rows of a text file that is built in
// (src/gpu/image/tables/gpu.table says the columns) and that --table FILE adds to or corrects: a
// new driver is a line, not a release.

#include <toolkit/base/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

/// A CUDA toolkit and the driver that came with it: from that on nothing is missing.
struct CudaRow {
  std::string cuda, driver;  // "12.4", "550.54.14"
};

/// The oldest driver that any toolkit of this major version starts on.
struct FamilyRow {
  std::string major, driver;  // "12", "525.60.13"
};

struct ArchitectureRow {
  std::string capability, name;  // "8.6", "Ampere"
  std::string first_cuda;        // that has code for it, "" not known
  std::string last_cuda;         // "10.2", "12.x", "" still supported
  std::string last_branch;       // of drivers: "470", "" still supported
  bool tegra = false;            // of a system on a chip: its SASS is its own
};

/// A version of the PTX language and the CUDA that brought it.
struct PtxRow {
  std::string isa, cuda;
};

/// What a library of CUDA is called in a toolkit: the row of the newest CUDA not newer than it.
struct SonameRow {
  std::string library, cuda, soname;  // "libcusolver", "11.1", "libcusolver.so.11"
};

struct Tables {
  std::string version;  // of the data: "2026-11-23"
  std::vector<CudaRow> cuda;
  std::vector<FamilyRow> families;
  std::vector<ArchitectureRow> architectures;
  std::vector<PtxRow> ptx;
  std::vector<SonameRow> sonames;

  [[nodiscard]] const CudaRow* of_cuda(std::string_view cuda) const;
  [[nodiscard]] const FamilyRow* family_of(std::string_view cuda) const;
  [[nodiscard]] const ArchitectureRow* architecture(std::string_view capability) const;
  [[nodiscard]] const PtxRow* of_ptx(std::string_view isa) const;
  /// The newest CUDA that this driver came with or knows, "" when it is older than all rows.
  [[nodiscard]] std::string_view cuda_of_driver(std::string_view driver) const;
  /// "" where the library is not listed for so old a CUDA.
  [[nodiscard]] std::string_view soname(std::string_view library, std::string_view cuda) const;
};

[[nodiscard]] const Tables& built_in_tables();

/// The rows of `text` laid over `base`: one with the same key takes its place. The error names the
/// line.
[[nodiscard]] Result<Tables> parse_tables(std::string_view text, Tables base = {});

}  // namespace toolkit::gpu
