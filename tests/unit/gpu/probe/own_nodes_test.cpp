#include "../../../../src/gpu/probe/own_nodes.hpp"

#include <toolkit/base/file.hpp>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <tests/support/temp_dir.hpp>

using namespace toolkit;

TEST_CASE("where no probe can run, a copy of ourselves opens the device files, and says the same") {
  const support::TempDir dir;
  const std::string control = dir.write("nvidiactl", ""), folder = dir.path();
  const std::string gone = dir / "nvidia0";
  auto started = gpu::ask_nodes_ourselves({control, gone, folder});
  REQUIRE(started);
  const auto text = read_all(started->lines.get(), 4096);
  int status = -1;
  CHECK(::waitpid(started->pid, &status, 0) == started->pid);
  CHECK(status == 0);
  REQUIRE(text);
  CHECK(*text ==
        "phase open(" + control + ")\nnode 0 " + control +
            "\nphase ioctl(NV_ESC_CHECK_VERSION_STR)\nversion_error 25\nphase close\n" +  // ENOTTY
            "phase open(" + gone + ")\nnode 2 " + gone + "\nphase close\n" + "phase open(" +
            folder + ")\nnode 21 " + folder + "\nphase close\nend\n");
}
