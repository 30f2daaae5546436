#include "../../../../src/gpu/driver/history.hpp"

#include <doctest/doctest.h>

using namespace toolkit::gpu;

TEST_CASE("apt's history gives the driver's packages, when, and that nobody attended") {
  const auto events = parse_apt_history(
      "\nStart-Date: 2022-03-02  06:41:12\n"
      "Commandline: /usr/bin/unattended-upgrade\n"
      "Upgrade: tzdata:amd64 (1, 2), libnvidia-compute-470:amd64 (470.86-0ubuntu1, "
      "470.103.01-0ubuntu1)\n"
      "End-Date: 2022-03-02  06:41:30\n\n"
      "Start-Date: 2022-03-03  07:00:00\nCommandline: apt install libcuda1\n"
      "Install: libcuda1:amd64 (470.103.01-1, automatic)\n",
      "/var/log/apt/history.log");
  REQUIRE(events.size() == 2);
  CHECK(events[0].when == "2022-03-02 06:41:12");
  CHECK(events[0].action == "upgrade (unattended)");
  CHECK(events[0].package == "libnvidia-compute-470");
  CHECK(events[0].version == "470.103.01-0ubuntu1");
  CHECK(events[0].source == "/var/log/apt/history.log:4");
  CHECK(events[1].action == "install");
  CHECK(events[1].version == "470.103.01-1");
}

TEST_CASE("dpkg's log gives installs, upgrades and removals of the driver's packages") {
  const auto events = parse_dpkg_log(
      "2022-03-02 06:41:12 status installed libcuda1:amd64 470.86-1\n"
      "2022-03-02 06:41:13 upgrade libcuda1:amd64 470.86-1 470.103.01-1\n"
      "2022-03-02 06:41:14 upgrade bash:amd64 5.1 5.2\n"
      "2022-03-02 06:41:15 remove nvidia-driver-470:amd64 470.86-1 <none>\n",
      "log");
  REQUIRE(events.size() == 2);
  CHECK(events[0].version == "470.103.01-1");
  CHECK(events[0].source == "log:2");
  CHECK(events[1].action == "remove");
  CHECK(events[1].version == "470.86-1");
}
