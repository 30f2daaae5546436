#include "../../../../src/gpu/probe/own_copy.hpp"

#include <toolkit/base/file.hpp>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <tests/support/temp_dir.hpp>

using namespace toolkit;

namespace {

// All that the copy says; it has to end well.
std::string heard(std::optional<gpu::Started> started) {
  REQUIRE(started);
  const auto text = read_all(started->lines.get(), 4096);
  int status = -1;
  CHECK(::waitpid(started->pid, &status, 0) == started->pid);
  CHECK(status == 0);
  REQUIRE(text);
  return *text;
}

}  // namespace

TEST_CASE("where no probe can run, a copy of ourselves opens the device files, and says the same") {
  const support::TempDir dir;
  const std::string control = dir.write("nvidiactl", ""), folder = dir.path();
  const std::string gone = dir / "nvidia0";
  const std::string text = heard(gpu::ask_nodes_ourselves({control, gone, folder}));
  CHECK(text ==
        "phase open(" + control + ")\nnode 0 " + control +
            "\nphase ioctl(NV_ESC_CHECK_VERSION_STR)\nversion_error 25\nphase close\n" +  // ENOTTY
            "phase open(" + gone + ")\nnode 2 " + gone + "\nphase close\n" + "phase open(" +
            folder + ")\nnode 21 " + folder + "\nphase close\nend\n");
}

TEST_CASE("files whose driver may hang are read by a copy of ourselves, line by line") {
  const support::TempDir dir;
  const std::string errors = dir.write("errors", "ue: 1\nce: 0\n"), gone = dir / "gone";
  const std::string cut = dir.write("cut", "no end");
  const std::string text = heard(gpu::read_files_ourselves({errors, gone, cut}));
  CHECK(text == "phase read(" + errors + ")\nfile " + errors + " ue: 1\nfile " + errors +
                    " ce: 0\nphase read(" + gone + ")\nphase read(" + cut + ")\nfile " + cut +
                    " no end\nend\n");
}
