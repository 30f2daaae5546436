#include "src/sync/growing.hpp"

#include <doctest/doctest.h>

using toolkit::sync::GrowingNames;

TEST_CASE("the usual names of what grows") {
  const GrowingNames names;
  for (const char* name : {"train.log", "a.log.1", "a.log-20260101", "nohup.out", "slurm-12.out",
                           "job.err", "metrics.jsonl", "loss.csv", "notes.txt", ".log",
                           "events.out.tfevents.1700000000.host.12.0"}) {
    CHECK_MESSAGE(names.matches(name), name);
  }
  for (const char* name : {"model.pt", "a.log.1.gz", "a.log-20260101.zst", "log", "a.logs",
                           "config.json", "a.log.old", "a.LOG", "checkpoint", "a.csv.gz", ""}) {
    CHECK_MESSAGE(!names.matches(name), name);
  }
}

TEST_CASE("given names replace the usual ones, and what is whole wins") {
  const GrowingNames names({"*.trace", "*.gz"}, {"final.*"});
  CHECK(names.matches("x.trace"));
  CHECK(names.matches("x.gz"));
  CHECK_FALSE(names.matches("final.trace"));
  CHECK_FALSE(names.matches("x.log"));
  const GrowingNames usual({}, {"report.txt"});
  CHECK(usual.matches("x.txt"));
  CHECK_FALSE(usual.matches("report.txt"));
}
