#include <toolkit/gpu/tables.hpp>
#include <toolkit/gpu/version.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace toolkit::gpu;

namespace {

std::string refused(std::string_view text) {
  const auto tables = parse_tables(text);
  return tables ? "taken" : tables.error().message;
}

}  // namespace

TEST_CASE("versions of NVIDIA's are compared by number, part by part") {
  CHECK(compare_versions("550.54.14", "550.54.15") < 0);
  CHECK(compare_versions("550.100", "550.54.15") > 0);
  CHECK(compare_versions("450.80.02", "450.80.2") == 0);
  CHECK(compare_versions("580", "580.65.06") < 0);
  CHECK(compare_versions("12.0", "12") == 0);
  CHECK(compare_versions("", "10.0") < 0);
  CHECK(compare_versions("450.80.02-1", "450.80.02") == 0);
  CHECK(compare_versions("99999999999999.1", "1") <
        0);  // no number that fits: as if it were not there
  CHECK(version_part("570.124.06", 0) == 570);
  CHECK(version_part("570.124.06", 2) == 6);
  CHECK(version_part("570", 1) == -1);
  CHECK(version_part("", 0) == -1);
  CHECK(major_minor("12.4.1") == "12.4");
  CHECK(major_minor("12") == "12");
}

TEST_CASE("the built-in tables are there, and a newer CUDA came with a newer driver") {
  const Tables& tables = built_in_tables();
  CHECK(!tables.version.empty());
  REQUIRE(tables.cuda.size() >= 30);
  for (std::size_t i = 1; i < tables.cuda.size(); ++i) {
    CAPTURE(tables.cuda[i].cuda);
    CHECK(compare_versions(tables.cuda[i - 1].cuda, tables.cuda[i].cuda) < 0);
    CHECK(compare_versions(tables.cuda[i - 1].driver, tables.cuda[i].driver) < 0);
    CHECK(version_part(tables.cuda[i].driver, 0) > 300);
    CHECK(version_part(tables.cuda[i].driver, 0) < 1000);
  }
}

TEST_CASE("the floor of a family lies in the branch of its first toolkit") {
  const Tables& tables = built_in_tables();
  CHECK(tables.family_of("10.2") == nullptr);  // minor-version compatibility began with 11
  for (const FamilyRow& row : tables.families) {
    CAPTURE(row.major);
    const CudaRow* first = tables.of_cuda(row.major + ".0");
    REQUIRE(first != nullptr);
    CHECK(version_part(first->driver, 0) == version_part(row.driver, 0));
  }
}

TEST_CASE("architectures grow with CUDA, and none ends before it began") {
  const Tables& tables = built_in_tables();
  REQUIRE(tables.architectures.size() >= 20);
  for (const ArchitectureRow& row : tables.architectures) {
    CAPTURE(row.capability);
    CHECK(!row.name.empty());
    CHECK(!row.first_cuda.empty());
    CHECK((row.last_cuda.empty() ||
           version_part(row.last_cuda, 0) >= version_part(row.first_cuda, 0)));
    // A last driver is not older than the one that the last CUDA came with.
    if (!row.last_branch.empty() && !row.last_cuda.ends_with(".x")) {
      CHECK(version_part(row.last_branch, 0) >=
            version_part(tables.of_cuda(row.last_cuda)->driver, 0));
    }
  }
  CHECK(tables.architecture("12.1")->name == "Blackwell");
  CHECK(tables.architecture("8.7")->tegra);
  CHECK(tables.architecture("9.9") == nullptr);
}

TEST_CASE("a newer PTX came with a newer CUDA") {
  const Tables& tables = built_in_tables();
  REQUIRE(tables.ptx.size() > 20);
  for (std::size_t i = 1; i < tables.ptx.size(); ++i) {
    CHECK(compare_versions(tables.ptx[i - 1].isa, tables.ptx[i].isa) < 0);
    CHECK(compare_versions(tables.ptx[i - 1].cuda, tables.ptx[i].cuda) < 0);
  }
}

TEST_CASE("a driver's CUDA is the newest that it came with or after") {
  const Tables& tables = built_in_tables();
  CHECK(tables.cuda_of_driver("550.90.07") == "12.4");
  CHECK(tables.cuda_of_driver("450.51.05") == "11.0");
  CHECK(tables.cuda_of_driver("450.36.06") == "10.2");
  CHECK(tables.cuda_of_driver("304.1") == "");
  CHECK(tables.cuda_of_driver("999.1") == tables.cuda.back().cuda);
}

TEST_CASE("a library has the name of the newest row that is not newer than the toolkit") {
  const Tables& tables = built_in_tables();
  CHECK(tables.soname("libcusolver", "10.2") == "libcusolver.so.10");
  CHECK(tables.soname("libcusolver", "11.0") == "libcusolver.so.10");
  CHECK(tables.soname("libcusolver", "11.4") == "libcusolver.so.11");
  CHECK(tables.soname("libcusolver", "12.4") == "libcusolver.so.11");
  CHECK(tables.soname("libcusolver", "13.1") == "libcusolver.so.12");
  CHECK(tables.soname("libcusolver", "9.2") == "");
  CHECK(tables.soname("libnothing", "12.4") == "");
}

TEST_CASE("rows of a file take the place of those with the same key, and others stay") {
  const auto tables = parse_tables(
      "version mine\n# a new one\n  cuda 12.4 551.1  \ncuda 14.0 700.1\nfamily 14 700.1\n"
      "arch 13.0 Rubin 13.4 - - discrete\n",
      built_in_tables());
  REQUIRE(tables);
  CHECK(tables->version == "mine");
  CHECK(tables->of_cuda("12.4.1")->driver == "551.1");
  CHECK(tables->of_cuda("14.0")->driver == "700.1");
  CHECK(tables->of_cuda("12.3")->driver == built_in_tables().of_cuda("12.3")->driver);
  CHECK(tables->cuda.size() == built_in_tables().cuda.size() + 1);
  CHECK(tables->architecture("13.0")->name == "Rubin");
}

TEST_CASE("a line that is no row is refused by its number") {
  CHECK(refused("cuda 12.4 550.1\ncuda 12.5\n") == "line 2 is not a row of a table: cuda 12.5");
  CHECK(refused("cuda twelve 550.1") == "line 1 is not a row of a table: cuda twelve 550.1");
  CHECK(refused("driver 12.4 550.1") == "line 1 is not a row of a table: driver 12.4 550.1");
  CHECK(refused("arch 9.0 Hopper 11.8 x - discrete") != "taken");
  CHECK(refused("arch 9.0 Hopper 11.8 - - desktop") != "taken");
  CHECK(refused("arch 9.0 Hopper 11.8 12.x - discrete") == "taken");
  CHECK(refused("family 12") != "taken");
  CHECK(refused("ptx 9.0 now") != "taken");
  CHECK(refused("soname libx 12.0") != "taken");
  CHECK(refused("version") != "taken");
  CHECK(refused("cuda . 1") != "taken");
  CHECK(refused("") == "taken");
}
