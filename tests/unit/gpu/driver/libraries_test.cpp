#include "../../../../src/gpu/collectors.hpp"
#include "loader_cache_bytes.hpp"
#include "tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace toolkit::gpu;
using toolkit::support::cache_bytes;
using toolkit::support::Tree;

namespace {

const DriverLibrary& find(const DriverFacts& facts, const std::string& path) {
  const auto it = std::ranges::find(facts.libraries, path, &DriverLibrary::path);
  REQUIRE_MESSAGE(it != facts.libraries.end(), path);
  return *it;
}

}  // namespace

TEST_CASE("the loader takes LD_LIBRARY_PATH first, then its cache, then its own directories") {
  Tree tree;
  tree.library("/first", "libcuda", "550.54.15");
  tree.library("/cached", "libcuda", "535.54.03");
  tree.library("/lib64", "libcuda", "470.57.02");
  tree.file("/etc/ld.so.cache", cache_bytes({{"libcuda.so.1", "/gone/libcuda.so.1", ""},
                                             {"libcuda.so.1", "/cached/libcuda.so.1", ""}}));
  const auto winner = [&] {
    const DriverFacts facts = read_driver(tree.options());
    const auto it = std::ranges::find(facts.libraries, true, &DriverLibrary::wins);
    REQUIRE(it != facts.libraries.end());
    return it->version;
  };
  tree.variables["LD_LIBRARY_PATH"] = "/none:/first";
  CHECK(winner() == "550.54.15");
  tree.variables.clear();
  CHECK(winner() == "535.54.03");
  tree.file("/etc/ld.so.cache", cache_bytes({}));
  CHECK(winner() == "470.57.02");
}

TEST_CASE("libraries tell their mount, their size, their links and what they are") {
  Tree tree;
  tree.library("/lib64", "libcuda", "550.54.15");
  tree.library("/lib64", "libnvidia-ml", "550.54.15", "");
  tree.file("/lib64/libnvidia-container.so.1.14.0", "of another project");
  tree.link("/usr/local/cuda", "/usr/local/cuda-12.4");  // below the root, not the real one
  tree.library("/usr/local/cuda-12.4/compat", "libcuda", "550.90.07");
  tree.file("/s/stubs/libcuda.so.1", "stub");
  tree.mount("9 1 8:1 /usr/lib64/libcuda.so.550.54.15 /lib64/libcuda.so.550.54.15 ro - ext4 a ro");
  tree.mount("10 1 8:1 /opt /s ro - ext4 a ro");
  tree.variables["LD_LIBRARY_PATH"] = "/s/stubs";
  const DriverFacts facts = read_driver(tree.options());
  REQUIRE(facts.libraries.size() == 4);
  const DriverLibrary& cuda = find(facts, "/lib64/libcuda.so.550.54.15");
  CHECK(cuda.version == "550.54.15");
  CHECK(cuda.bind_mounted == true);
  CHECK(cuda.mount_point == cuda.path);
  CHECK(cuda.on_loader_path);
  CHECK(!cuda.wins);
  CHECK(cuda.reached_by == "/lib64/libcuda.so.1 -> libcuda.so.550.54.15");
  const DriverLibrary& nvml = find(facts, "/lib64/libnvidia-ml.so.550.54.15");
  CHECK(nvml.size == 0);
  CHECK(nvml.bind_mounted == false);
  CHECK(nvml.wins);
  const DriverLibrary& compat = find(facts, "/usr/local/cuda-12.4/compat/libcuda.so.550.90.07");
  CHECK(compat.compat);
  CHECK(!compat.on_loader_path);
  const DriverLibrary& stub = find(facts, "/s/stubs/libcuda.so.1");
  CHECK(stub.stub);
  CHECK(stub.wins);
  CHECK(stub.mount_point == "/s");
}

TEST_CASE("a library of another architecture is passed over, a link to nothing is kept") {
  Tree tree;
  const std::string other("\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\3\0\3\0\0\0", 22);
  tree.library("/first", "libcuda", "550.54.15", other);
  tree.library("/lib64", "libcuda", "550.54.15");
  tree.link("/lib64/libnvidia-ml.so.1", "libnvidia-ml.so.470.57.02");
  tree.variables["LD_LIBRARY_PATH"] = "/first";
  const DriverFacts facts = read_driver(tree.options());
  CHECK(facts.libraries.size() == 2);
  CHECK(find(facts, "/lib64/libcuda.so.550.54.15").wins);
  const DriverLibrary& gone = find(facts, "/lib64/libnvidia-ml.so.470.57.02");
  CHECK(!gone.size);
  CHECK(!gone.wins);
}

TEST_CASE("musl's loader has a file of directories and no cache") {
  Tree tree;
  tree.file("/lib/ld-musl-x86_64.so.1", "fake");
  tree.file("/lib/ld-musl-aarch64.so.1", "fake");
  tree.library("/usr/lib64", "libcuda", "550.54.15");
  CHECK(read_driver(tree.options()).loader == "musl");
  CHECK(!find(read_driver(tree.options()), "/usr/lib64/libcuda.so.550.54.15").on_loader_path);
  tree.file("/etc/ld-musl-x86_64.path", "/usr/lib64\n/lib");
  tree.file("/etc/ld-musl-aarch64.path", "/usr/lib64\n/lib");
  CHECK(find(read_driver(tree.options()), "/usr/lib64/libcuda.so.550.54.15").wins);
}
