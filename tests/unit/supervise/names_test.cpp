#include "src/supervise/names.hpp"

#include <doctest/doctest.h>

using namespace toolkit;
using namespace toolkit::supervise;

TEST_CASE("a job is named after what it trains, not after the interpreter") {
  using Words = std::vector<std::string>;
  CHECK(name_of_command(Words{"python", "-u", "/src/train.py", "--lr", "1"}) == "train");
  CHECK(name_of_command(Words{"torchrun", "--nproc_per_node", "2", "train.py"}) == "train");
  CHECK(name_of_command(Words{"python", "-m", "pkg.train"}) == "pkg.train");
  CHECK(name_of_command(Words{"/usr/bin/sleep", "3"}) == "sleep");
  CHECK(name_of_command(Words{"./a b/we ird"}) == "we_ird");
  CHECK(name_of_command(Words{"..."}) == "job");
  CHECK(name_of_command(Words{}) == "job");
}

TEST_CASE("templates expand what is known and name what is not") {
  const char* variables[] = {"RANK=3", "NODE_RANK=1", nullptr};
  const environment::Snapshot ranked(variables);
  const TemplateValues values{.name = "train", .environment = ranked, .attempt = 2};
  CHECK(expand_template("/l/{name}{-rank}.{attempt}.log", values) == "/l/train-3.2.log");
  CHECK(expand_template("{rank}/{local_rank}/{node}/{{x", values) == "3/0/1/{x");
  const environment::Snapshot bare(nullptr);
  CHECK(expand_template("{name}{-rank}|{rank}", {.name = "train", .environment = bare}) ==
        "train|0");
  CHECK(expand_template("{node}", {.name = "", .environment = bare}) == host_name());
  CHECK_FALSE(expand_template("{nmae}", values));
  CHECK_FALSE(expand_template("{name", values));
  CHECK(expand_template("", values) == "");
}

TEST_CASE("the rank comes from the nearest launcher") {
  const char* both[] = {"SLURM_PROCID=5", "RANK=2", nullptr};
  CHECK(rank_of(environment::Snapshot(both)) == "2");
  const char* none[] = {"RANK=", nullptr};
  CHECK_FALSE(rank_of(environment::Snapshot(none)));
}
