#include "src/sync/tally.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace toolkit;
using namespace toolkit::sync;

namespace {

class Counting : public Observer {
 public:
  void on_file(const FileEvent&) override { ++files; }
  void on_problem(const std::string&, const Error&) override { ++problems; }
  void on_retry(const std::string&, const Error&, Milliseconds) override { ++retries; }
  int files = 0, problems = 0, retries = 0;
};

Error of_kind(ErrorKind kind) { return {kind, "no", "", 0}; }

}  // namespace

TEST_CASE("each file is counted once, by what was done with it") {
  Counting told;
  Tally tally(told);
  tally.begin_pass();
  for (const Action action : {Action::unchanged, Action::created, Action::appended,
                              Action::replaced, Action::renamed, Action::kept, Action::left_out}) {
    tally.file({action, "x", 10, ""});
  }
  tally.problem("y", of_kind(ErrorKind::denied));
  const Summary sum = tally.summary();
  for (const auto count : {sum.unchanged, sum.created, sum.appended, sum.replaced, sum.renamed,
                           sum.kept, sum.left_out, sum.failed}) {
    CHECK(count == 1);
  }
  CHECK(sum.bytes_grown == 30);  // of what was transferred
  CHECK(told.files == 7);
  CHECK(told.problems == 1);
}

TEST_CASE("what is there or failed is of the last pass, what was done of all") {
  Counting told;
  Tally tally(told);
  tally.begin_pass();
  tally.found(100, 40);
  tally.sent(40);
  tally.file({Action::appended, "x", 40, ""});
  tally.problem("y", of_kind(ErrorKind::unavailable));
  tally.begin_pass();
  tally.found(100, 0);
  tally.file({Action::unchanged, "x", 0, ""});
  const Summary sum = tally.summary();
  CHECK(sum.passes == 2);
  CHECK(sum.files == 1);
  CHECK(sum.bytes_total == 100);
  CHECK(sum.failed == 0);
  CHECK(sum.unavailable == 0);
  CHECK(sum.appended == 1);
  CHECK(sum.bytes_grown == 40);
  CHECK(sum.bytes_sent == 40);
}

TEST_CASE("progress is of the pass under way") {
  Counting told;
  Tally tally(told);
  tally.begin_pass();
  tally.found(100, 40);
  tally.sent(30);
  CHECK(tally.progress().bytes_found == 40);
  CHECK(tally.progress().bytes_sent == 30);
  CHECK(tally.progress().files_done == 0);
  CHECK_FALSE(tally.progress().all_found);
  tally.all_found();
  tally.problem("x", of_kind(ErrorKind::failed));
  CHECK(tally.progress().files_done == 1);
  CHECK(tally.progress().all_found);
  tally.begin_pass();
  CHECK(tally.progress().files_found == 0);
}

TEST_CASE("the exit code says what stood in the way") {
  using Kinds = std::vector<ErrorKind>;
  const auto code = [](const Kinds& kinds) {
    Counting told;
    Tally tally(told);
    for (const ErrorKind kind : kinds) {
      tally.problem("x", of_kind(kind));
    }
    return exit_code_of(tally.summary());
  };
  const auto away = ErrorKind::unavailable, late = ErrorKind::interrupted, no = ErrorKind::denied;
  CHECK(code({}) == 0);
  CHECK(code({no}) == 1);
  CHECK(code({away}) == 75);
  CHECK(code({away, away, late}) == 75);  // there was no time left for what could not be reached
  CHECK(code({late}) == 1);
  CHECK(code({away, no}) == 1);
}
